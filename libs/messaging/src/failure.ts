// A reaction has failed: wait for better times, try again a little, or give up at once?
import { NewerEvent, UnreadableEvent } from '#contracts';
import { Refusal } from '#decider';
import { VersionConflict } from '#event-store';

/**
 * `transient`: the surroundings fail (database away, deadlock): pause, back off, never give up. `permanent`: it may be this message: five tries, then dead letter.
 * `bug`: it will never work: dead letter at once.
 */
export type FailureKind = 'transient' | 'permanent' | 'bug';

const transientCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', '40001', '40P01', '55P03', '57014', '25P03']);
/** Classes of SQLSTATE: 08 connection, 53 resources, 57P server shutting down, 58 system. */
const transientClasses = ['08', '53', '57P', '58'];
const transientWords = /Connection terminated|Query read timeout|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/;

export function kindOf(error: unknown): FailureKind {
  // An event of a newer release waits, as the rest of its partition does, until that release is here: while all are replaced one by one, both are.
  if (error instanceof VersionConflict || error instanceof NewerEvent) return 'transient';
  if (error instanceof UnreadableEvent || error instanceof Refusal) return 'bug';
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) return 'bug';
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  if (transientCodes.has(code) || transientClasses.some((start) => code.length === 5 && code.startsWith(start))) return 'transient';
  if (error instanceof Error && transientWords.test(error.message)) return 'transient';
  return 'permanent';
}

export const maxTries = 5;

/** Milliseconds before try `n` + 1: doubling from 20 ms, jittered, at most `cap`; five tries stay under 5 s. */
export function backOff(n: number, random: () => number, cap = 1000): number {
  return Math.min(cap, 20 * 2 ** Math.min(n, 10)) * (0.5 + random() / 2);
}
