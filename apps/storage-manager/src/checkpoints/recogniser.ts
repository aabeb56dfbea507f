// What does it take to recognise the checkpoints of a framework?
import type { FileEntry } from '#storage';

/** A piece of a file, shorter where the file ends. Nothing is ever unpickled or run. */
export type Peek = (file: FileEntry, start: number, length: number) => Promise<Buffer>;
export const peekBytesMax = 64 * 1024;
/** JSON has to be read whole to know that it is. */
export const jsonBytesMax = 16 * 1024 * 1024;

export interface Look {
  readonly peek: Peek;
  /** A piece of any length, to be compared with the checksum that the framework wrote for it; null: there is no time to read so much. */
  readonly contents: ((file: FileEntry, start: number, length: number) => AsyncIterable<Buffer>) | null;
}

/** What the names say may be a checkpoint. */
export interface Candidate {
  /** As a user would name it, relative to the outputs path; `.` is the outputs path itself. */
  readonly path: string;
  readonly framework: string;
  /** All that it is made of. */
  readonly files: readonly FileEntry[];
  /** Null: it is something else after all. */
  examine(look: Look): Promise<Finding | null>;
}

export interface Finding {
  readonly step: number | null;
  /** Why a program could not go on from it; null when it is complete. */
  readonly problem: string | null;
  /** Every byte was compared with what the framework wrote down about it. */
  readonly isCompared?: boolean;
  /** It only tells of others: `checkpoint` of TensorFlow, which names the latest. */
  readonly isPointer?: boolean;
}

export interface Recogniser {
  /** May this file be a part of one? Asked for every file there is, so it looks at the name alone. */
  concerns(path: string): boolean;
  candidates(files: readonly FileEntry[]): Candidate[];
}

/** For frameworks where one file is one checkpoint. */
export function oneFile(framework: string, names: RegExp, examine: (file: FileEntry, look: Look) => Promise<Finding | null>): Recogniser {
  return {
    concerns: (path) => names.test(path),
    candidates: (files) => files.map((file) => ({ path: file.path, framework, files: [file], examine: (look) => examine(file, look) })),
  };
}

/** What a framework of the kind "one folder is one checkpoint" has in each of its folders. */
export function byFolder(files: readonly FileEntry[]): ReadonlyMap<string, readonly FileEntry[]> {
  const folders = new Map<string, FileEntry[]>();
  for (const file of files) {
    const folder = folderOf(file.path);
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return folders;
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Read beyond the end: of a Buffer's own errors, too, which in tests are of another realm. */
export function isBeyondEnd(error: unknown): boolean {
  return (error as Error | null)?.name === 'RangeError';
}
