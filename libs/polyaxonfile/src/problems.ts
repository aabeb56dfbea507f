// What is wrong, and where? Collected, so that a user mends a file in one go.
import type { RefusalCode } from '#contracts';
import { Refusal } from '#decider';
import type { Json } from './json.ts';

const problemsShown = 5;

export type PolyaxonfileCode = Extract<RefusalCode, 'polyaxonfile-invalid' | 'override-invalid'>;

/** Where something is written, both from 1. */
export interface Position {
  readonly line: number;
  readonly column?: number;
}

/** Places of the keys or items of a mapping or list, as they were read; values that were merged or rendered have none. */
export type Lines = WeakMap<object, ReadonlyMap<string | number, Position>>;

export class Problems {
  private readonly found: string[] = [];

  constructor(
    private readonly label: string,
    private readonly code: PolyaxonfileCode,
    /** Where something is written that is told by its path alone. */
    private readonly locate: (path: string) => Position | undefined = () => undefined,
  ) {}

  add(position: Position | undefined, path: string, problem: string): void {
    const { line, column } = position ?? this.locate(path) ?? {};
    const place = [line === undefined ? '' : `line ${line}`, column === undefined ? '' : `column ${column}`, oneLine(path, 120)].filter(Boolean).join(', ');
    this.found.push(place ? `${place}: ${problem}` : problem);
  }

  get any(): boolean {
    return this.found.length > 0;
  }

  throwIfAny(): void {
    if (!this.any) return;
    const more = this.found.length - problemsShown;
    const shown = this.found.slice(0, problemsShown).join('; ');
    throw new Refusal<PolyaxonfileCode>(this.code, `${oneLine(this.label, 200)}: ${shown}${more > 0 ? `; and ${more} more` : ''}`);
  }

  /** The first thing wrong makes reading on pointless. */
  refuse(position: Position | undefined, path: string, problem: string): never {
    this.add(position, path, problem);
    this.throwIfAny();
    throw new Error('unreachable: a problem was added');
  }
}

/** A value from outside as it may appear in a message: one line, not long, of its own kind. */
export function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return oneLine(typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value), 60);
}

export function oneLine(text: string, longest: number): string {
  const line = text.slice(0, longest + 1).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
