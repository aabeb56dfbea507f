// Which processes belong to an attempt, wherever they have hidden?
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** In the environment of every process of a run: a process id alone may belong to somebody else by now. */
export const markerVariable = 'POLYAXON_RUN_MARKER';

/** One that is just becoming another program shows no environment for a moment: only two empty looks in a row count. */
const secondLookMs = 5;

export function isMarked(pid: number, marker: string, variable = markerVariable): boolean {
  return carries(environmentOf(pid), marker, variable);
}

/**
 * Processes that carry the marker, also when they left the group and the session of `leader`; and those of its session that have wiped their environment.
 * The leader itself, which keeps the exit code, is not among them.
 */
export async function membersOf(marker: string, leader: number | undefined): Promise<Member[]> {
  const members = await look(marker, leader);
  if (members.length > 0) return members;
  await wait(secondLookMs);
  return look(marker, leader);
}

/** SIGTERM for all of them, each once: to the group of the leader, where the kernel misses nobody, and to those who have left it. */
export async function terminate(marker: string, leader: number | undefined): Promise<void> {
  const members = await membersOf(marker, leader);
  const group = leader !== undefined && isMarked(leader, marker) ? leader : undefined;
  if (group !== undefined) signal(-group, 'SIGTERM');
  for (const member of members) if (member.group !== group) signal(member.pid, 'SIGTERM');
}

/** Ends all members, again and again, as they may be starting others meanwhile; false: some are left that even SIGKILL doesn't end yet. */
export async function killMembers(marker: string, leader: number | undefined, rounds = 20): Promise<boolean> {
  for (let round = 0; round < rounds; round += 1) {
    const members = await membersOf(marker, leader);
    if (members.length === 0) return true;
    for (const { pid } of members) signal(pid, 'SIGKILL');
    await wait(secondLookMs);
  }
  return false;
}

export interface Member {
  readonly pid: number;
  readonly group: number;
}

interface Seen extends Member {
  readonly session: number;
  readonly environment: string;
}

let next: Promise<readonly Seen[]> | undefined;

/** Attempts that end at the same moment share one look at the process table, as long as it begins after they asked. */
function lookAtAll(): Promise<readonly Seen[]> {
  next ??= new Promise((resolve) => {
    setImmediate(() => {
      next = undefined;
      resolve(readAll());
    });
  });
  return next;
}

function readAll(): Seen[] {
  const pids = readdirSync('/proc').map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  return pids.map((pid) => ({ pid, ...statusOf(pid), environment: environmentOf(pid) })).filter(({ state }) => state !== 'Z' && state !== 'X');
}

async function look(marker: string, leader: number | undefined): Promise<Member[]> {
  const all = await lookAtAll();
  const isMarkedOne = ({ environment }: Seen) => carries(environment, marker);
  // A session keeps its number from being used again, so if a stranger has it, the session is the stranger's too.
  const isReused = all.some((one) => one.pid === leader && !isMarkedOne(one));
  return all.filter((one) => one.pid !== leader && (isMarkedOne(one) || (one.session === leader && !isReused)));
}

function carries(environment: string, marker: string, variable = markerVariable): boolean {
  return `\0${environment}`.includes(`\0${variable}=${marker}\0`);
}

/** One that is gone needs none, and one of another user gets none. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Empty for a process that is gone, a zombie, the kernel's, or another user's. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

/** `pid (name) state ppid pgrp session …`; the name may hold anything. */
function statusOf(pid: number): { state: string; group: number; session: number } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = 'X', , group, session] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, group: Number(group), session: Number(session) };
  } catch {
    return { state: 'X', group: 0, session: 0 };
  }
}
