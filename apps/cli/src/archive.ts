// Which files of the working directory are uploaded, and how do they become one archive?
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusedHere } from './failure.ts';
import { bytesText } from './progress.ts';
import { ignoredByDefault } from './workspace.ts';

export interface FoundFile {
  /** Relative to the directory, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
}
export interface Archive {
  readonly file: string;
  readonly sizeBytes: number;
  remove(): void;
}

const namedAtMost = 5;

/** Regular files that `.polyaxonignore` leaves in, by name. Links are refused: where they lead is not part of the code, and may not exist elsewhere. */
export async function filesToUpload(directory: string): Promise<readonly FoundFile[]> {
  const { default: ignore } = await import('ignore');
  const ignoreFile = join(directory, '.polyaxonignore');
  const ignored = ignore()
    .add(existsSync(ignoreFile) ? readFileSync(ignoreFile, 'utf8') : ignoredByDefault)
    .add('/.polyaxon');
  const files: FoundFile[] = [];
  const notFiles: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(join(directory, folder), { withFileTypes: true })) {
      const path = folder + entry.name;
      if (ignored.ignores(entry.isDirectory() ? `${path}/` : path)) continue;
      if (entry.isDirectory()) folders.push(`${path}/`);
      else if (entry.isFile()) files.push({ path, sizeBytes: (await stat(join(directory, path))).size });
      else notFiles.push(entry.isSymbolicLink() ? `${path} (link)` : path);
    }
  }
  if (notFiles.length > 0) {
    const rest = notFiles.length > namedAtMost ? ` and ${notFiles.length - namedAtMost} more` : '';
    throw refusedHere(
      'upload-invalid',
      `only regular files can be uploaded, and these are not: ${notFiles.sort().slice(0, namedAtMost).join(', ')}${rest}`,
      'put a copy in their place, or name them in .polyaxonignore',
    );
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function sizeOf(files: readonly FoundFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** `model.bin 80.0 MiB, data/train.csv 12.1 MiB` */
export function biggest(files: readonly FoundFile[]): string {
  const sorted = [...files].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, namedAtMost);
  return sorted.map(({ path, sizeBytes }) => `${path} ${bytesText(sizeBytes)}`).join(', ');
}

/** The same files give the same bytes, whoever packs them and when. */
export async function pack(directory: string, files: readonly FoundFile[]): Promise<Archive> {
  const { create } = await import('tar');
  const folder = await mkdtemp(join(tmpdir(), 'polyaxon-upload-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const file = join(folder, 'code.tar.gz');
  try {
    await create(
      { file, cwd: directory, gzip: true, portable: true, noMtime: true, noDirRecurse: true, strict: true },
      files.map(({ path }) => `./${path}`),
    );
    return { file, sizeBytes: (await stat(file)).size, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
