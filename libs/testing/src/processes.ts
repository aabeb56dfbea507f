// How does a test kill everything of a program at once, so that nobody of it can clean up after the others?
import { readdir, readlink, realpath } from 'node:fs/promises';
import { until } from './until.ts';

/** `kill -9` of every process that works in `folder` (a database server and all its children do), until there is none. Returns how many were killed. */
export async function killAllIn(folder: string): Promise<number> {
  const killed = new Set<number>();
  await until(`nobody works in ${folder}`, async () => {
    const working = await processesIn(folder);
    for (const pid of working) {
      try {
        process.kill(pid, 'SIGKILL');
        killed.add(pid);
      } catch {
        // it has gone with its parent
      }
    }
    return working.length === 0;
  }, 30_000);
  return killed.size;
}

async function processesIn(folder: string): Promise<number[]> {
  const here = await realpath(folder);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, index) => folders[index] === here);
}
