// How do many files of the outputs reach a folder?
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputsFileBody } from '#contracts';
import { CommandFailure, exitCodes, failureOf } from '../failure.ts';
import { progress } from '../progress.ts';
import type { Session } from '../session.ts';
import { fetchFile, type Fetched } from './fetch-file.ts';
import type { OutputsSource } from './outputs-source.ts';

const atOnce = 4;
const namedMax = 3;

export interface Wanted {
  readonly file: OutputsFileBody;
  /** Relative to the folder. */
  readonly to: string;
}

/** Each as soon as it is whole; what can't be had keeps nothing else back, and is told at the end. */
export async function fetchFiles(session: Session, source: OutputsSource, wanted: readonly Wanted[], folder: string, arrived: (one: Wanted, fetched: Fetched) => Promise<void> = async () => undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  const root = await realpath(folder);
  const bar = await progress(session.out, 'downloading', { bytes: sizeOf(wanted.map(({ file }) => file)), files: wanted.length });
  const failures: { readonly path: string; readonly failure: CommandFailure }[] = [];
  let [bytes, files] = [0, 0];
  let isAway = false;
  await each(wanted, async (one) => {
    if (isAway) return;
    try {
      const fetched = await fetchFile(source, one.file.path, await placeOf(root, one.to), (more) => bar.update((bytes += more), files));
      await arrived(one, fetched);
      bar.update(bytes, (files += 1));
    } catch (error) {
      const failure = failureOf(error);
      failures.push({ path: one.file.path, failure });
      isAway ||= failure.code === 'no-connection';
    }
  });
  bar.end();
  const [first] = failures;
  if (!first) return;
  if (wanted.length === 1) throw first.failure;
  const named = failures.slice(0, namedMax).map(({ path, failure }) => `${path} (${failure.message})`).join('; ');
  const missing = wanted.length - files;
  const what = `${missing} of ${wanted.length} files were not downloaded: ${named}${missing > namedMax ? '; ...' : ''}`;
  throw new CommandFailure('download-incomplete', exitCodes.failure, what, 'run the command again: what is here already is kept');
}

export function sizeOf(files: readonly OutputsFileBody[]): number {
  return files.reduce((sum, { size_bytes: size }) => sum + size, 0);
}

/** A few at a time, in their order. */
export async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]();
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (const item of left) await work(item);
  }));
}

/** Folders on the way are made; nothing is written where a link among them would lead. */
async function placeOf(root: string, path: string): Promise<string> {
  let folder = root;
  for (const segment of path.split('/').slice(0, -1)) {
    folder = join(folder, segment);
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (!(await lstat(folder)).isDirectory()) throw new CommandFailure('path-invalid', exitCodes.failure, `${folder} is no folder, or leads elsewhere`, 'choose another folder with --to or --sync');
  }
  return join(root, path);
}
