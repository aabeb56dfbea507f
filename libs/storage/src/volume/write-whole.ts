// How does a file come to be there at once, and stay?
import { randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { unfinishedName } from '../paths.ts';

export async function writeWhole(path: string, content: Readable | Uint8Array): Promise<void> {
  const unfinished = join(dirname(path), unfinishedName(randomUUID()));
  try {
    const file = await open(unfinished, 'wx');
    try {
      await writeFile(file, content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    await flushFolder(dirname(path));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** A new name lasts when the folder that holds it has reached the disk. */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
