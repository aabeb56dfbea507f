// How do a carrier and whoever started it tell each other things, though either may be killed at any moment?
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent } from '../volume/walk.ts';
import type { S3Settings } from '../s3/connection.ts';
import type { BroughtIn } from './bring-in.ts';
import type { Epoch } from './claim.ts';

/** In the environment of the carrier, as JSON: there is a secret in it, so it is in no file. */
export const carryOrderVariable = 'POLYAXON_CARRY';
/** By which its process is known again. */
export const carrierMarkerVariable = 'POLYAXON_CARRIER_MARKER';

export interface CarryOrder {
  /** Not given: nothing is carried back. */
  readonly store?: S3Settings;
  /** The outputs path; null: it is where it is kept, and only references are brought. */
  readonly path: string | null;
  /** Where the program finds it. */
  readonly folder: string;
  /** Outputs of others that the program reads. */
  readonly references: readonly { readonly path: string; readonly folder: string; readonly store: S3Settings }[];
  readonly epoch: Epoch;
  /** The store should be no further behind. */
  readonly lagSeconds: number;
  /** Where `CarryNotes` are. */
  readonly notes: string;
}

export interface CarryStatus {
  /** Of the oldest change that is not in the store; 0: there is none. */
  readonly lagSeconds: number;
  readonly files: number;
  readonly sizeBytes: number;
  readonly failures: number;
  /** What users should know; each is said once. */
  readonly warnings: readonly string[];
}

/** It ended by itself, or was killed, at a moment (milliseconds since 1970) that isn't always known. */
export interface ProgramEnded {
  readonly isClean: boolean;
  readonly diedAtMs: number | null;
}

export interface CarryDone {
  readonly isOk: boolean;
  /** Why not all of it is in the store. */
  readonly message: string | null;
  readonly warnings: readonly string[];
}

/** One file for each thing that is said, there at once and whole. From the carrier: brought, failed, status, done. For it: ended. */
export class CarryNotes {
  constructor(readonly folder: string) {}

  get isThere(): boolean {
    return existsSync(this.folder);
  }

  async begin(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  brought(): Promise<BroughtIn | undefined> {
    return this.#read<BroughtIn>('brought');
  }

  /** Why the program can't start. */
  failed(): Promise<string | undefined> {
    return this.#read<string>('failed');
  }

  status(): Promise<CarryStatus | undefined> {
    return this.#read<CarryStatus>('status');
  }

  ended(): Promise<(ProgramEnded & { readonly saidAtMs: number }) | undefined> {
    return this.#read('ended');
  }

  done(): Promise<CarryDone | undefined> {
    return this.#read<CarryDone>('done');
  }

  async say(name: 'brought', what: BroughtIn): Promise<void>;
  async say(name: 'failed', what: string): Promise<void>;
  async say(name: 'status', what: CarryStatus): Promise<void>;
  async say(name: 'ended', what: ProgramEnded & { readonly saidAtMs: number }): Promise<void>;
  async say(name: 'done', what: CarryDone): Promise<void>;
  async say(name: string, what: unknown): Promise<void> {
    const file = join(this.folder, name);
    await writeFile(`${file}.part`, JSON.stringify(what), { mode: 0o600 });
    await rename(`${file}.part`, file);
  }

  async #read<What>(name: string): Promise<What | undefined> {
    try {
      return JSON.parse(await readFile(join(this.folder, name), 'utf8')) as What;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }
}
