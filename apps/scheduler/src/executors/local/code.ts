// How does an attempt get the code it was pinned to?
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import type { ExperimentOrder } from '#contracts';
import { codePath } from '#layout';
import { isPassingFailure, type FileTree } from '#storage';
import { LaunchFailed } from '../executor.ts';
import { codeOf } from './attempt-folder.ts';

const allowedTypes: readonly string[] = ['File', 'OldFile', 'ContiguousFile', 'Directory'];

/** Makes `folder`, with exactly that revision in it, or empty when the experiment has no code. It appears whole, and stays when another makes it as well. */
export async function unpackCode(trees: readonly FileTree[], { user, project, codeRevision }: ExperimentOrder, folder: string): Promise<void> {
  if (await exists(folder)) return;
  if (codeRevision === null) {
    await mkdir(folder, { recursive: true });
    return;
  }
  const partial = await mkdtemp(`${folder}.`);
  try {
    await unpack(await archiveOf(trees, codePath(user, project, codeRevision)), codeRevision, partial);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
  }
}

/** It was checked when it was uploaded; here it is refused a second time, should somebody have put another file in its place. */
async function unpack(archive: Readable | undefined, revision: string, folder: string): Promise<void> {
  if (archive === undefined) throw new LaunchFailed('code', `its code, revision ${revision}, is gone from the platform; upload it again`);
  let refused: string | undefined;
  try {
    await pipeline(archive, extract({
      cwd: folder,
      strict: true,
      filter: (path, entry) => {
        if ('type' in entry && allowedTypes.includes(entry.type)) return true;
        refused ??= path;
        return false;
      },
    }));
  } catch (error) {
    if (codeOf(error)?.startsWith('E') || isPassingFailure(error)) throw error; // the disk or the store, not the archive
    throw new LaunchFailed('code', `its code, revision ${revision}, can't be unpacked: ${(error as Error).message}`, { cause: error });
  }
  if (refused !== undefined) throw new LaunchFailed('code', `its code, revision ${revision}, holds ${refused}, which is neither a file nor a folder`);
}

/** From where it is first found. */
async function archiveOf(trees: readonly FileTree[], path: string): Promise<Readable | undefined> {
  for (const tree of trees) if (await tree.stat(path)) return tree.read(path);
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
