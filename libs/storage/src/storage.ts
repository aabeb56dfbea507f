// What can be done with one tree of files under a prefix, whatever keeps it?
import type { Readable } from 'node:stream';
import type { Landing } from './between/landing.ts';

/** A file. Links, sockets, pipes, and devices are never followed and never listed: `Usage` and `CopyReport` count them. */
export interface FileEntry {
  /** Relative to the listed folder, `/` between segments. */
  readonly path: string;
  readonly sizeBytes: number;
  /** ISO-8601 UTC. */
  readonly modifiedAt: string;
  /** Another one whenever the content may be another one; compare it, read nothing into it. */
  readonly version: string;
}

export interface Children {
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[];
  readonly folders: readonly string[];
}

export interface Usage {
  readonly files: number;
  readonly sizeBytes: number;
  readonly skippedLinks: number;
}

export interface CopyProgress {
  readonly filesDone: number;
  readonly files: number;
  readonly bytesDone: number;
  readonly bytes: number;
}

export interface CopyReport {
  readonly files: number;
  readonly sizeBytes: number;
  /** Over paths, sizes, and the contents that were compared. */
  readonly digest: string;
  readonly skippedLinks: number;
  /** How often a source that was being written had to be looked at; 1 for one at rest. */
  readonly rounds: number;
}

/** How long a source that is being written may take to hold still, once all of it has been copied for the first time. */
export interface Settling {
  readonly rounds: number;
  readonly milliseconds: number;
  /** Nothing may change for so long around the moment the copy shows; longer after every round that failed. */
  readonly quietMs: number;
  /** After so many rounds it is enough that nothing changes while it is copied. */
  readonly quietRounds: number;
}

export interface CopyOptions {
  /** Told at most every 100 ms, and once at the end. */
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Gives the copy up for good, and what there is of it. A process that only has to end just ends: the next one goes on. */
  readonly signal?: AbortSignal;
  /** Only these, relative to the source; everything without it. */
  readonly select?: { readonly folders?: readonly string[]; readonly files?: readonly string[] };
  /** The source is being written: copy what it was at one moment, instead of failing with `source-changed`. */
  readonly live?: boolean;
  readonly settling?: Partial<Settling>;
  /** Of those that were told to make this very copy, the how manieth, from 1: it goes on where the one before was, who can't touch it any more should it wake up. */
  readonly attempt?: number;
  /** `sampled` (default): sizes of all files, and pieces of some of them; `full`: every byte of both sides is read again. */
  readonly verify?: 'sampled' | 'full';
}

export type CopyFailure =
  | 'disk-full'
  | 'permission'
  | 'source-missing'
  | 'source-changed'
  | 'target-exists'
  | 'name-invalid'
  | 'verification-failed'
  | 'cancelled'
  | 'io';

/** Why a store can't be used, and which setting to look at. */
export interface StoreProblem {
  readonly setting: 'root' | 'endpoint' | 'credentials' | 'bucket' | 'region' | 'certificate' | 'clock';
  readonly message: string;
  /** It is there and asks for patience: whoever can wait need not be told. */
  readonly isBusy?: true;
}

/** The copy isn't there and nothing is left of it; the source is as it was. */
export class CopyFailed extends Error {
  override readonly name = 'CopyFailed';

  constructor(
    readonly reason: CopyFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function cancelled(): CopyFailed {
  return new CopyFailed('cancelled', 'The copy was cancelled.');
}

/**
 * Folders and files are named by paths relative to the root; `''` is the root itself. A path that could mean anything else (`..`, a backslash,
 * an absolute one, or one that leads through a link) is refused with `path-invalid`, a file that isn't there with `path-not-found`.
 * A folder that isn't there is an empty one, except to `exists`. Names like `.x.polyaxon.tmp` are the tree's own and never show.
 */
export interface FileTree {
  readonly root: string;
  /** Asked when somebody wants to know whether there is work to be given; undefined when all is well. */
  problem(): Promise<StoreProblem | undefined>;
  /** Every file below, sorted by path. A file that vanishes meanwhile is left out. */
  list(folder: string): AsyncIterable<FileEntry>;
  /** One level, both sorted. */
  children(folder: string): Promise<Children>;
  exists(folder: string): Promise<boolean>;
  /** No file at any depth. */
  isEmpty(folder: string): Promise<boolean>;
  usage(folder: string): Promise<Usage>;
  /** `path` of the answer is the path that was asked for; null when there is no such file. */
  stat(path: string): Promise<FileEntry | null>;
  /** `end` is included, as in an HTTP range. */
  read(path: string, range?: { readonly start?: number; readonly end?: number }): Promise<Readable>;
  /** An address that gives whoever has it the file, for so many seconds, from the store itself; null: this kind of store has none. */
  link(path: string, seconds: number): Promise<string | null>;
  /** All of it or nothing shows, and it lasts when the promise resolves. Folders on the way are made. */
  write(path: string, content: Readable | Uint8Array): Promise<FileEntry>;
  /** A file, or a folder with everything in it, under another name. Called again after it was broken off, it ends what it began; what isn't there is left out. */
  move(path: string, to: string): Promise<void>;
  makeFolder(folder: string): Promise<void>;
  /** With everything in it, and whatever an unfinished copy to it left; also when it isn't there. */
  remove(folder: string): Promise<void>;
  /** A gzipped tar of what `list` shows, and of empty folders. */
  archive(folder: string): Promise<Readable>;
  /**
   * The target is complete or not there. Killed at any point, the next call goes on with what is already right; called again after it
   * succeeded, it answers the same report. One caller per target at a time. Throws `CopyFailed`.
   */
  copyFolder(source: string, target: string, options?: CopyOptions): Promise<CopyReport>;
  /** Where a copy from another store grows; `request` tells it from any other one. */
  landing(target: string, of: { readonly request: string; readonly attempt: number }): Landing;
  /** Gives back what uploads occupy that were begun before then (ISO-8601) and that nobody finishes; how many those were. */
  tidy(before: string): Promise<number>;
}
