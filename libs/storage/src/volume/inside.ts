// Is what was opened really the file at that path, and not another one that a link leads to?
import { closeSync, constants, openSync, readlinkSync, realpathSync } from 'node:fs';
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isAbsent, statOf } from './walk.ts';

/** Never waits for the other end of a pipe, and fails on a link. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** What we read must not look as if a program had: its access time tells whether it went on from its checkpoint. Only the owner of a file, and root, may ask for that. */
const silently = flags | (constants.O_NOATIME ?? 0);

/**
 * Links on the way can't be excluded by a look before opening, because a running program may plant one in between; what has been opened
 * can't be exchanged any more, and the kernel tells where it is. Undefined when it isn't at `path`, which has to be a real path.
 */
export async function openInside(path: string): Promise<FileHandle | undefined> {
  const handle = await openSilently(path).catch((error: unknown) => {
    if (isElsewhere(error)) return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  const place = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => realpath(path).catch(() => ''));
  if (isAt(place, path)) return handle;
  await handle.close();
  return undefined;
}

/** The same for a thread of its own. */
export function openInsideSync(path: string): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSilentlySync(path);
  } catch (error) {
    if (isElsewhere(error)) return undefined;
    throw error;
  }
  if (isAt(placeOf(descriptor, path), path)) return descriptor;
  closeSync(descriptor);
  return undefined;
}

async function openSilently(path: string): Promise<FileHandle> {
  try {
    return await open(path, silently);
  } catch (error) {
    if (isNotOurs(error)) return open(path, flags);
    throw error;
  }
}

function openSilentlySync(path: string): number {
  try {
    return openSync(path, silently);
  } catch (error) {
    if (isNotOurs(error)) return openSync(path, flags);
    throw error;
  }
}

/** Whether the path, as far as it exists, leads through no link. */
export async function isReal(path: string): Promise<boolean> {
  try {
    return (await realpath(path)) === path;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return false;
    if (!isAbsent(error)) throw error;
    const there = await statOf(path);
    if (there === undefined) return isReal(dirname(path));
    return !there.isSymbolicLink() && isReal(path); // a link that leads nowhere, or made this very moment by somebody beside us
  }
}

function placeOf(descriptor: number, path: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    try {
      return realpathSync(path);
    } catch {
      return '';
    }
  }
}

/** A file that was replaced since is still the one that was there. */
function isAt(place: string, path: string): boolean {
  return place === path || place === `${path} (deleted)`;
}

function isNotOurs(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EPERM';
}

function isElsewhere(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return isAbsent(error) || code === 'ELOOP' || code === 'ENXIO';
}
