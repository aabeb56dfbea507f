// Which commands of the original are served, and which of them has a test driven?
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../platform.ts';

export interface Row {
  readonly command: string;
  readonly isServed: boolean;
}

/** As users read it: every row of both tables of the page. */
export function rowsOfThePage(): Row[] {
  const page = readFileSync(join(root, 'docs/original-client.md'), 'utf8');
  const [served = '', unserved = ''] = page.split(/^## Not served$/m);
  return [[served, true] as const, [unserved, false] as const].flatMap(([text, isServed]) =>
    [...text.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, command = '']) => ({ command, isServed }))));
}

const driven = new Set<string>();

/** Said by a test at its beginning; one that fails takes the run along, so what was said is what holds. */
export function drives(...commands: string[]): void {
  const known = new Set(rowsOfThePage().map(({ command }) => command));
  for (const command of commands) {
    if (!known.has(command)) throw new Error(`docs/original-client.md has no row \`${command}\``);
    driven.add(command);
  }
}

export function notDriven(): string[] {
  return rowsOfThePage().map(({ command }) => command).filter((command) => !driven.has(command));
}

export function drivenCount(): number {
  return driven.size;
}
