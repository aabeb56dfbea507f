// How does a folder here become like the outputs of an experiment, by the least that has to be transferred?
import { readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OutputsFileBody } from '#contracts';
import { refusedHere } from '../failure.ts';
import type { Session } from '../session.ts';
import { sha256Of } from './fetch-file.ts';
import { each, fetchFiles, sizeOf } from './fetch-files.ts';
import type { OutputsSource } from './outputs-source.ts';
import { planSync, type LocalFile, type SyncedFile } from './plan-sync.ts';

/** No file of any outputs is called like this: the platform keeps such names for itself. */
const noteName = '.sync.polyaxon.tmp';

interface Note {
  /** Of which outputs, so that no folder is cleared of what came from elsewhere. */
  readonly of: string;
  readonly files: Readonly<Record<string, SyncedFile>>;
}

export interface Synced {
  readonly folder: string;
  readonly files: number;
  readonly downloaded: number;
  readonly size_bytes: number;
  readonly deleted: readonly string[];
  /** Here, and not in the outputs. */
  readonly extra: readonly string[];
}

/** `below`: the folder of the outputs that is meant, all of whose files are given. What is only here stays, unless it is to be deleted; that is done last, when everything else has worked. */
export async function sync(session: Session, source: OutputsSource, files: readonly OutputsFileBody[], folder: string, { deletes, below }: { readonly deletes: boolean; readonly below: string }): Promise<Synced> {
  const { user, project, id } = source.experiment;
  const of = `${user}/${project}/${id}${below === '' ? '' : `: ${below}`}`;
  const here = await filesIn(folder);
  const note = await noteIn(folder);
  if (deletes && here.size > 0 && note?.of !== of)
    throw refusedHere('sync-foreign', `${folder} was never synced with these outputs, so nothing in it may be deleted`, `polyaxon experiment -xp ${id} outputs get --sync ${folder}, and then with --delete`);
  const prefix = below === '' ? '' : `${below}/`;
  const wished = files.map((file) => ({ ...file, path: file.path.slice(prefix.length) }));
  const plan = planSync(wished, here, new Map(Object.entries(note?.of === of ? note.files : {})));
  const kept = new Map<string, SyncedFile>(Object.entries(note?.of === of ? note.files : {}).filter(([path]) => here.has(path)));
  const fetched = [...plan.fetched];
  await each(plan.compared, async (file) => {
    const { sha256, version } = await source.digest(prefix + file.path);
    const local = here.get(file.path);
    if (local && sha256 !== null && sha256 === (await sha256Of(join(folder, file.path)))) kept.set(file.path, { ...local, version });
    else fetched.push(file);
  });
  const wanted = fetched.map((file) => ({ file: { ...file, path: prefix + file.path }, to: file.path }));
  try {
    await fetchFiles(session, source, wanted, folder, async ({ to }, { version, sizeBytes }) => {
      kept.set(to, { version, sizeBytes, mtimeMs: (await stat(join(folder, to))).mtimeMs });
    });
  } finally {
    await keepNote(folder, { of, files: Object.fromEntries(kept) });
  }
  if (deletes) await removeFiles(folder, plan.extra);
  return { folder, files: files.length, downloaded: fetched.length, size_bytes: sizeOf(fetched), deleted: deletes ? plan.extra : [], extra: deletes ? [] : plan.extra };
}

/** Links are neither followed nor counted. */
async function filesIn(folder: string): Promise<Map<string, LocalFile>> {
  const found = new Map<string, LocalFile>();
  const below = [''];
  for (let prefix = below.pop(); prefix !== undefined; prefix = below.pop()) {
    for (const entry of await readdir(join(folder, prefix), { withFileTypes: true }).catch(unlessAbsent)) {
      const path = prefix + entry.name;
      if (entry.isDirectory()) below.push(`${path}/`);
      else if (entry.isFile() && path !== noteName) found.set(path, await stat(join(folder, path)).then(({ size: sizeBytes, mtimeMs }) => ({ sizeBytes, mtimeMs })));
    }
  }
  return found;
}

function unlessAbsent(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** Without it everything is compared by its content once more. */
async function noteIn(folder: string): Promise<Note | null> {
  try {
    return JSON.parse(await readFile(join(folder, noteName), 'utf8')) as Note;
  } catch {
    return null;
  }
}

async function keepNote(folder: string, note: Note): Promise<void> {
  const file = join(folder, noteName);
  await writeFile(`${file}.${process.pid}`, JSON.stringify(note));
  await rename(`${file}.${process.pid}`, file);
}

/** And the folders that become empty by it. */
async function removeFiles(folder: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await rm(join(folder, path), { force: true });
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
      const isGone = await rmdir(join(folder, parent)).then(() => true, () => false);
      if (!isGone) break;
    }
  }
}
