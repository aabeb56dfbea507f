// Is the copy of a file the file?
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Board } from './board.ts';
import { openInsideSync } from './inside.ts';
import type { ManifestFile } from './survey.ts';

const pieceBytes = 16 * 1024;
const fullBytes = 1024 * 1024;
const ours = Buffer.allocUnsafeSlow(fullBytes);
const theirs = Buffer.allocUnsafeSlow(fullBytes);
const spread = 32;
const largest = 8;

export interface CompareJob {
  readonly source: string;
  readonly target: string;
  readonly paths: readonly string[];
  /** Every byte, not just the pieces. */
  readonly full: boolean;
  readonly memory: SharedArrayBuffer;
}

export interface Comparison {
  /** Of what was compared: path and sha256. */
  readonly digests: readonly (readonly [string, string])[];
  /** Also the ones that couldn't be read on both sides. */
  readonly different: readonly string[];
}

export function compareFiles({ source, target, paths, full, memory }: CompareJob): Comparison {
  const digests: [string, string][] = [];
  const different: string[] = [];
  for (const path of new Board(memory).share(paths)) {
    const digest = digestOfBoth(join(source, path), join(target, path), full);
    if (digest === undefined) different.push(path);
    else digests.push([path, digest]);
  }
  return { digests, different };
}

/** Evenly over the whole tree, and the largest ones: those are the checkpoints. */
export function sampleOf(files: readonly ManifestFile[]): ManifestFile[] {
  const step = Math.max(1, files.length / spread);
  const even = Array.from({ length: Math.min(spread, files.length) }, (_, index) => files[Math.floor(index * step)]!);
  const big = [...files].sort((one, other) => other.sizeBytes - one.sizeBytes).slice(0, largest);
  return [...new Set([...even, ...big])];
}

export function digestOf(files: readonly ManifestFile[], digests: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const { path, sizeBytes } of files) hash.update(`${path}\0${sizeBytes}\0${digests.get(path) ?? ''}\n`);
  return `sha256:${hash.digest('hex')}`;
}

function digestOfBoth(source: string, target: string, full: boolean): string | undefined {
  const one = openInsideSync(source);
  const other = openInsideSync(target);
  try {
    if (one === undefined || other === undefined) return undefined;
    const { size } = fstatSync(one);
    if (fstatSync(other).size !== size) return undefined;
    const hash = createHash('sha256');
    for (const [start, length] of full ? allOf(size) : piecesOf(size)) {
      const read = readSync(one, ours, 0, length, start);
      const piece = ours.subarray(0, read);
      if (readSync(other, theirs, 0, length, start) !== read || !piece.equals(theirs.subarray(0, read))) return undefined;
      hash.update(piece);
    }
    return hash.digest('hex');
  } finally {
    if (one !== undefined) closeSync(one);
    if (other !== undefined) closeSync(other);
  }
}

/** Beginning, middle, end: what a copy that was cut off or never reached the disk gets wrong. */
function piecesOf(size: number): [number, number][] {
  if (size <= 3 * pieceBytes) return [[0, size]];
  return [[0, pieceBytes], [Math.floor(size / 2), pieceBytes], [size - pieceBytes, pieceBytes]];
}

function* allOf(size: number): Generator<[number, number]> {
  for (let start = 0; start < size; start += fullBytes) yield [start, Math.min(fullBytes, size - start)];
}
