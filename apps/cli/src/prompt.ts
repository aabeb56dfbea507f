// How is a person asked, and what when there is none?
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { usageFailure } from './failure.ts';

export function isAttended(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Anything but a yes is a no. */
export async function confirmed(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(`${question} [y/N] `, true)).trim());
}

export async function asked(what: string, fix: string): Promise<string> {
  if (!isAttended()) throw usageFailure(`${what} is missing, and nobody is there to be asked`, fix);
  return ask(`${what}: `, true);
}

/** Typed unseen; from a pipe, its first line, so that no password need stand in a process list. */
export async function secret(what: string, fix: string): Promise<string> {
  if (isAttended()) return ask(`${what}: `, false);
  if (process.stdin.isTTY) throw usageFailure(`${what} is missing, and nobody is there to be asked`, fix);
  let piped = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) piped += chunk as string;
  const [first = ''] = piped.split(/\r?\n/);
  if (first === '') throw usageFailure(`${what} is missing: nothing came from stdin`, fix);
  return first;
}

/** What is typed unseen is so from before the question appears: the terminal stops echoing when the interface is made. */
async function ask(question: string, seen: boolean): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: seen ? process.stderr : nowhere, terminal: true });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    if (!seen) process.stderr.write(question);
    return await lines.question(seen ? question : '');
  } finally {
    lines.close();
    if (!seen) process.stderr.write('\n');
  }
}
