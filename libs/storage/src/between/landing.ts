// How does a copy from another store grow, hidden until it is complete?
import type { Entry } from '../s3/notes.ts';
import type { CopyReport } from '../storage.ts';

/** A file of the source; `etag` is its version there. */
export type Arriving = Entry;

/** What a former copier has brought of this very content: MD5 sums of its pieces by their numbers from 0, or that of the whole. */
export interface Landed {
  readonly pieces: ReadonlyMap<number, string>;
  readonly whole?: string;
}

/** One per target at a time, from `begin` to `show` or `clear`; killed at any point, the next one goes on with what is there. */
export interface Landing {
  /** The report when this very copy is there; else the target is free, or that of a former copier. Throws `target-exists`. */
  begin(): Promise<CopyReport | undefined>;
  /** Why the target can't hold a file of that name. */
  refuses(path: string): string | undefined;
  /** Told before any of them lands. Whatever is there under these names and is of another content goes; the rest is told by path. */
  expect(files: readonly Arriving[]): Promise<ReadonlyMap<string, Landed>>;
  /** Under its MD5 sum, which the target compares with what it got. */
  land(file: Arriving, piece: number, bytes: Buffer, sum: string): Promise<void>;
  /** All of its pieces have landed. */
  close(file: Arriving, sums: readonly string[]): Promise<void>;
  drop(files: readonly Arriving[]): Promise<void>;
  /** Sizes of what has landed, by path. */
  there(): Promise<ReadonlyMap<string, number>>;
  /** All of it, at once and for good. */
  show(report: CopyReport): Promise<CopyReport>;
  clear(): Promise<void>;
  /** In the words of a copy. */
  failure(error: unknown): unknown;
}

const mebibyte = 1024 * 1024;
const piecesMax = 10_000;
const usualPieceBytes = 8 * mebibyte;

/** Each is in memory as it travels; only of files above 78 GiB are they larger, since a store takes no more than 10,000. */
export function pieceBytesOf({ sizeBytes }: Arriving): number {
  return Math.max(usualPieceBytes, Math.ceil(sizeBytes / piecesMax / mebibyte) * mebibyte);
}

export function piecesOf(file: Arriving): number {
  return Math.max(1, Math.ceil(file.sizeBytes / pieceBytesOf(file)));
}

export function placeOf(file: Arriving, piece: number): { readonly start: number; readonly length: number } {
  const start = piece * pieceBytesOf(file);
  return { start, length: Math.min(pieceBytesOf(file), file.sizeBytes - start) };
}
