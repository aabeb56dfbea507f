// How does a folder go, whatever is in it?
import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Links go, what they lead to stays. */
export async function removeTree(path: string): Promise<void> {
  const remove = async (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 3 });
  await remove().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
    await openUp(path);
    await remove();
  });
}

/** A folder that its program made read-only would keep what is in it. */
async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isDirectory()) await openUp(join(folder, entry.name));
}
