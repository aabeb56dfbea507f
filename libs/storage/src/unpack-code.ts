// How does uploaded code get out of its archive, and nothing else with it?
import { chmod, mkdtemp, rename, rm, stat } from 'node:fs/promises';
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
    if (isForAll) await chmod(partial, 0o777);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
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
