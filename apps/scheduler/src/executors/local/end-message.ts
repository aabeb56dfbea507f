// What is a user told about the end of a program?
import { constants } from 'node:os';

/** How much of what it printed is repeated. */
const tailLength = 500;
export const tailBytes = 4 * tailLength;

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** Null for a success. Shells say 126 and 127 of a command that could not be run, and 128 + n of one that signal n has ended. */
export function endMessage(exitCode: number, { isOutOfMemory, tail }: { isOutOfMemory: boolean; tail: string }): string | null {
  if (exitCode === 0) return null;
  if (isOutOfMemory) return `exited with code ${exitCode}: out of memory, it reached its memory limit`;
  if (exitCode === 126 || exitCode === 127) return lastLines(tail) || `exited with code ${exitCode}: the command could not be run`;
  const signal = signalNames.get(exitCode - 128);
  if (!signal) return `exited with code ${exitCode}`;
  return `killed by ${signal} (exit code ${exitCode})${signal === 'SIGKILL' ? '; out of memory?' : ''}`;
}

/** Whole lines where possible. */
function lastLines(tail: string): string {
  const text = tail.trim();
  if (text.length <= tailLength) return text;
  const end = text.slice(-tailLength);
  return end.slice(end.indexOf('\n') + 1);
}
