// Where are the real components kept that tests and the command line may start, and how does one get there whole?
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { arch, homedir, platform } from 'node:os';
import { join } from 'node:path';

/** Outside of the clone: many clones and many runs use one copy. */
const cacheFolder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'polyaxon-platform', 'stack');
const making = '.making-';

export function componentFolder(name: string, version: string): string {
  return join(cacheFolder, `${name}-${version}-${platform()}-${arch()}`);
}

/** `make` fills a scratch folder beside the place; what it puts into the given folder gets its name in one step. A second one that was made meanwhile is thrown away. */
export async function provideOnce(folder: string, make: (into: string, scratch: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return;
  await mkdir(cacheFolder, { recursive: true });
  await forgetKilled();
  const scratch = `${folder}${making}${process.pid}`;
  try {
    const into = join(scratch, 'whole');
    await mkdir(into, { recursive: true });
    await make(into, scratch);
    await rename(into, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Gigabytes, of someone who was killed on the way. */
async function forgetKilled(): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    const pid = Number(name.split(making)[1]);
    if (pid > 0 && !isAlive(pid)) await rm(join(cacheFolder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
