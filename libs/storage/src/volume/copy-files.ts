// How do the bytes of one file get into another?
import {
  chmodSync, chownSync, closeSync, constants, copyFileSync, fstatSync, fsyncSync, lstatSync, mkdirSync, openSync, readSync, unlinkSync, utimesSync, writeSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import { Board } from './board.ts';
import { openInsideSync } from './inside.ts';

/** So much is written between two looks at the board: a cancelled copy of any size stops at once. */
const chunkBytes = 1024 * 1024;
const chunk = Buffer.allocUnsafeSlow(chunkBytes);
const canClone = { between: true };
const permissions = 0o777;
const umask = process.umask();

export interface CopyFilesJob {
  readonly source: string;
  readonly target: string;
  readonly paths: readonly string[];
  readonly memory: SharedArrayBuffer;
}

/** One that vanishes or becomes a link meanwhile is left out: the next survey of the source tells. */
export function copyFiles({ source, target, paths, memory }: CopyFilesJob): void {
  const board = new Board(memory);
  canClone.between = process.platform === 'linux';
  for (const path of board.share(paths)) {
    const from = openInsideSync(join(source, path));
    if (from === undefined) continue;
    try {
      const stat = fstatSync(from);
      if (stat.isFile()) copyFile(from, stat, join(target, path), board);
    } finally {
      closeSync(from);
    }
  }
}

export function makeFolders({ target, folders }: { target: string; folders: readonly string[] }): void {
  mkdirSync(target, { recursive: true });
  for (const folder of folders) {
    const path = join(target, folder);
    try {
      mkdirSync(path);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
      chmodSync(path, 0o700); // an earlier attempt may have got as far as closing it again
    }
  }
}

/** Permissions come last and from the inside out: a folder that may not be written to can't be filled. */
export function closeFolders({ source, target, folders }: { source: string; target: string; folders: readonly string[] }): void {
  for (const folder of [...folders].reverse().concat('')) {
    const stat = lstatSync(join(source, folder));
    if (!stat.isDirectory()) continue;
    chmodSync(join(target, folder), stat.mode & permissions);
    keepAttributes(join(target, folder), stat);
  }
}

/** Where the whole file system can't be flushed in one go. */
export function flushFiles({ target, paths, memory }: Omit<CopyFilesJob, 'source'>): void {
  for (const path of new Board(memory).share(paths)) {
    const descriptor = openSync(join(target, path), constants.O_RDONLY);
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

function copyFile(from: number, stat: Stats, to: string, board: Board): void {
  if (cloned(from, to)) board.addBytes(stat.size);
  else if (!copyBytes(from, stat, to, board)) return;
  if ((stat.mode & umask) !== 0) chmodSync(to, stat.mode & permissions);
  keepAttributes(to, stat);
  board.addFile();
}

/** A clone shares the blocks until one side writes, so it takes no time. Of what is open, not of a path: that may have become a link. */
function cloned(from: number, to: string): boolean {
  if (!canClone.between) return false;
  try {
    copyFileSync(`/proc/self/fd/${from}`, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) {
      unlinkSync(to);
      return cloned(from, to);
    }
    if (hasCode(error, 'ENOSPC', 'EDQUOT', 'EACCES', 'EPERM')) throw error;
    canClone.between = false;
    return false;
  }
}

/** As many bytes as there were when it was opened: one that is appended to all the time would never end. */
function copyBytes(from: number, { size, mode }: Stats, path: string, board: Board): boolean {
  const to = openNew(path, mode & permissions);
  try {
    for (let done = 0; done < size; ) {
      if (board.isStopped) return false;
      const read = readSync(from, chunk, 0, Math.min(chunkBytes, size - done), null);
      if (read === 0) break;
      for (let written = 0; written < read; ) written += writeSync(to, chunk, written, read - written);
      done += read;
      board.addBytes(read);
    }
    return true;
  } finally {
    closeSync(to);
  }
}

/** Never into a file that is there: it may be one nobody may write to, or a link. What is open may be written to in any mode. */
function openNew(path: string, mode: number): number {
  try {
    return openSync(path, 'wx', mode);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    unlinkSync(path);
    return openSync(path, 'wx', mode);
  }
}

/** The time comes last: a file that has it is one that was copied to its end. */
function keepAttributes(path: string, { uid, gid, atimeMs, mtimeMs }: Stats): void {
  if (process.getuid?.() === 0 && (uid !== 0 || gid !== 0)) chownSync(path, uid, gid);
  utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
