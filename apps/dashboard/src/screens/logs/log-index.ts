// Where is a line, and what has come since it was last looked?
import type { LineIndexBody, LogPart } from '#contracts';

export interface LogIndex {
  /** Of how many lines a block is made. */
  readonly apart: number;
  /** Where each block begins. */
  readonly starts: readonly number[];
  readonly lines: number;
  readonly endOffset: number;
  readonly isComplete: boolean;
  /** Who printed what, each from its first line on. */
  readonly parts: readonly LogPart[];
  readonly grownAt: string | null;
}

export const nothingKnown: LogIndex = { apart: 1000, starts: [0], lines: 0, endOffset: 0, isComplete: false, parts: [], grownAt: null };

/** `answer` began with the last block that was known: whatever was behind it may have grown. */
export function grown(before: LogIndex, { lines_apart: apart, starts, lines, end_offset: endOffset, is_complete: isComplete, parts: begun, grown_at: grownAt }: LineIndexBody): LogIndex {
  const kept = before.starts.slice(0, -1);
  const above = kept.length * apart;
  const parts = [...before.parts.filter(({ line }) => line < above), ...begun.map((part) => ({ ...part, line: above + part.line }))];
  return { apart, starts: [...kept, ...starts], lines: above + lines, endOffset, isComplete, parts, grownAt };
}

/** From 0, as lines are. */
export function blockOf({ apart }: LogIndex, line: number): number {
  return Math.floor(line / apart);
}

export function bytesOf({ starts, endOffset }: LogIndex, block: number): { readonly offset: number; readonly limit: number } {
  const offset = starts[block] ?? endOffset;
  return { offset, limit: (starts[block + 1] ?? endOffset) - offset };
}

/** Blocks that have to be there for these lines. */
export function blocksFor(index: LogIndex, first: number, count: number): number[] {
  if (index.lines === 0) return [];
  const last = Math.min(index.lines - 1, first + count);
  return Array.from({ length: blockOf(index, last) - blockOf(index, first) + 1 }, (_, one) => blockOf(index, first) + one);
}

/** A newline ends a line and begins none. */
export function linesIn(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
