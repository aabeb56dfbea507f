// In which control group are all pods of a test cluster, so that they neither starve beside other work of the machine nor outlive it?
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const root = '/sys/fs/cgroup';
const goneWithinMs = 5000;

export const groupOf = (clusterFolder: string): string => basename(clusterFolder);

/** All pods together would otherwise get as much of the processors as one other busy process, and what is bounded in time in them would be late on a machine with work of its own. */
export async function makeGroup(name: string): Promise<void> {
  for (const [folder, file, weight] of [[join(root, 'cpu'), 'cpu.shares', '16384'], [root, 'cpu.weight', '1600']] as const) {
    if (!existsSync(join(folder, 'cgroup.procs'))) continue;
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, file), weight).catch(() => undefined); // where nothing is weighed nobody starves
  }
}

/** Whatever runs in it is killed. */
export async function endGroup(name: string): Promise<void> {
  const giveUpAt = performance.now() + goneWithinMs;
  for (let running = processesIn(name); running.length > 0 && performance.now() < giveUpAt; running = processesIn(name)) {
    for (const pid of running) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it is gone
      }
    }
    await pause(20);
  }
  for (const folder of foldersOf(name).sort().reverse()) await rmdir(folder).catch(() => undefined);
}

function processesIn(name: string): number[] {
  const pids = foldersOf(name).flatMap((folder) => linesOf(join(folder, 'cgroup.procs')).map(Number));
  return [...new Set(pids)].filter((pid) => pid > 1);
}

/** In every hierarchy that there is; it, and all below it. */
function foldersOf(name: string): string[] {
  const tops = [root, ...readdirSync(root, { withFileTypes: true }).filter((one) => one.isDirectory()).map((one) => join(root, one.name))];
  return tops.map((top) => join(top, name)).filter((folder) => existsSync(join(folder, 'cgroup.procs'))).flatMap(below);
}

function below(folder: string): string[] {
  return [folder, ...unlessGone(() => readdirSync(folder, { withFileTypes: true })).filter((one) => one.isDirectory()).flatMap((one) => below(join(folder, one.name)))];
}

const linesOf = (file: string): string[] => unlessGone(() => readFileSync(file, 'utf8').split('\n'));

/** Containers that end take their groups with them. */
function unlessGone<One>(look: () => One[]): One[] {
  try {
    return look();
  } catch {
    return [];
  }
}
