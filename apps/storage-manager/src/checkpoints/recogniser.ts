// What does it take to recognise the checkpoints of a framework?
import type { FileEntry } from '#storage';

/** A piece of a file, shorter where the file ends. Nothing is ever unpickled or run. */
export type Peek = (file: FileEntry, start: number, length: number) => Promise<Buffer>;
export const peekBytesMax = 64 * 1024;
/** JSON has to be read whole to know that it is. */
export const jsonBytesMax = 16 * 1024 * 1024;

/** What the names say may be a checkpoint. */
export interface Candidate {
  /** As a user would name it, relative to the outputs path. */
  readonly path: string;
  readonly framework: string;
  /** All that it is made of. */
  readonly files: readonly FileEntry[];
  /** Null: it is something else after all. */
  examine(peek: Peek): Promise<Finding | null>;
}

export interface Finding {
  readonly step: number | null;
  /** Why a program could not go on from it; null when it is complete. */
  readonly problem: string | null;
}

export interface Recogniser {
  /** May this file be a part of one? Asked for every file there is, so it looks at the name alone. */
  concerns(path: string): boolean;
  candidates(files: readonly FileEntry[]): Candidate[];
}

/** For frameworks where one file is one checkpoint. */
export function oneFile(framework: string, names: RegExp, examine: (file: FileEntry, peek: Peek) => Promise<Finding | null>): Recogniser {
  return {
    concerns: (path) => names.test(path),
    candidates: (files) => files.map((file) => ({ path: file.path, framework, files: [file], examine: (peek) => examine(file, peek) })),
  };
}
