// How much of the machine do these processes use?
import { readFileSync } from 'node:fs';
import type { Usage } from '../executor.ts';

/** Of the kernel's interface to programs, whatever it counts in itself. */
const ticksPerSecond = 100;
const pageBytes = 4096;

/** One that is gone by now counts for nothing. */
export function usageOf(pids: readonly number[]): Usage {
  const each = pids.map(readUsage);
  return { processes: each.filter(({ memoryBytes }) => memoryBytes > 0).length, cpuSeconds: sum(each.map(({ cpuSeconds }) => cpuSeconds)), memoryBytes: sum(each.map(({ memoryBytes }) => memoryBytes)) };
}

function readUsage(pid: number): { cpuSeconds: number; memoryBytes: number } {
  try {
    return usageIn(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return { cpuSeconds: 0, memoryBytes: 0 };
  }
}

/** `pid (name) state ...`: from the state on, 11 to 14 are the time of the process and of the children it waited for, 21 its pages in memory. */
export function usageIn(stat: string): { cpuSeconds: number; memoryBytes: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
  return { cpuSeconds: sum(fields.slice(11, 15)) / ticksPerSecond, memoryBytes: (fields[21] ?? 0) * pageBytes };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
