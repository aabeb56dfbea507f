// How does uploaded code get out of its archive, and nothing else with it?
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { isPassing } from './s3/connection.ts';
import { isAbsent } from './volume/walk.ts';

const allowedTypes: readonly string[] = ['File', 'OldFile', 'ContiguousFile', 'Directory'];

/** It can't be had, now or later; the message is for the user. */
export class CodeUnusable extends Error {
  override readonly name = 'CodeUnusable';
}

export interface Unpacking {
  /** Undefined: there is none any more. */
  readonly archive: () => Promise<Readable | undefined>;
  /** Null: there is no code. */
  readonly revision: string | null;
  /** The program may be run by another user than this process. */
  readonly isForAll?: boolean;
}

/** Makes `folder`, with exactly that revision in it, or empty when there is no code. It appears whole, and stays when another makes it as well. */
export async function unpackCode(folder: string, { archive, revision, isForAll = false }: Unpacking): Promise<void> {
  if (await exists(folder)) return;
  const partial = await mkdtemp(`${folder}.`);
  try {
    if (revision !== null) await unpack(await archive(), revision, partial, isForAll);
    // A rename would put it in the place of an empty one, under the program that may run there already.
    const isEmpty = (await readdir(partial)).length === 0;
    if (isEmpty) await mkdir(folder);
    if (isForAll) await chmod(isEmpty ? folder : partial, 0o777);
    if (!isEmpty) await rename(partial, folder);
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** It was checked when it was uploaded; here it is refused a second time, should somebody have put another file in its place. */
async function unpack(archive: Readable | undefined, revision: string, folder: string, isForAll: boolean): Promise<void> {
  if (archive === undefined) throw new CodeUnusable(`its code, revision ${revision}, is gone from the platform; upload it again`);
  let refused: string | undefined;
  try {
    await pipeline(archive, extract({
      cwd: folder,
      strict: true,
      ...(isForAll && { dmode: 0o777, fmode: 0o666 }),
      filter: (path, entry) => {
        if ('type' in entry && allowedTypes.includes(entry.type)) {
          if (isForAll) entry.mode = (entry.mode ?? 0) | (entry.type === 'Directory' ? 0o777 : 0o666);
          return true;
        }
        refused ??= path;
        return false;
      },
    }));
  } catch (error) {
    if (codeOf(error)?.startsWith('E') || isPassing(error)) throw error; // the disk or the store, not the archive
    throw new CodeUnusable(`its code, revision ${revision}, can't be unpacked: ${(error as Error).message}`, { cause: error });
  }
  if (refused !== undefined) throw new CodeUnusable(`its code, revision ${revision}, holds ${refused}, which is neither a file nor a folder`);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
