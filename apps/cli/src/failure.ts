// Why did a command not do what it was asked, and with which exit code does it say so?
import type { Problem } from '#contracts';

export const exitCodes = { ok: 0, failure: 1, usage: 2, notFound: 3, refused: 4, conflict: 5, notAuthenticated: 6, timeout: 7, interrupted: 130 } as const;

/** Somebody else was first, or is at it: the same command may work with another name or a little later. */
const conflicts: ReadonlySet<string> = new Set([
  'user-exists',
  'project-exists',
  'experiment-name-taken',
  'group-name-taken',
  'request-in-progress',
  'version-conflict',
  'idempotency-key-reused',
]);

/** What a user reads: what and why in one line, and the command that works. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    readonly code: string,
    readonly exitCode: number,
    message: string,
    readonly fix?: string,
    /** The gateway's own words, for `-o json`. */
    readonly problem?: Problem,
  ) {
    super(message);
  }
}

export function usageFailure(message: string, fix?: string): CommandFailure {
  return new CommandFailure('usage', exitCodes.usage, message, fix);
}

export function refusedHere(code: string, message: string, fix?: string): CommandFailure {
  return new CommandFailure(code, exitCodes.refused, message, fix);
}

export function exitCodeOf({ status, code }: Pick<Problem, 'status' | 'code'>): number {
  if (status === 401 || (status === 403 && code !== 'policy-forbids')) return exitCodes.notAuthenticated; // nobody may what policy forbids: another login doesn't help
  if (status === 404) return exitCodes.notFound;
  if (conflicts.has(code)) return exitCodes.conflict;
  return status >= 400 && status < 500 ? exitCodes.refused : exitCodes.failure;
}

/** Anything thrown, as a failure to show. `Refusal`s come from the libraries that read polyaxonfiles here. */
export function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  const { name, message, code, fix } = error as { name?: string; message?: string; code?: string; fix?: string };
  if (name === 'Refusal') return refusedHere(code ?? 'refused', message ?? '', fix);
  return new CommandFailure(code ?? 'failure', exitCodes.failure, message ?? String(error));
}
