// How do the files that a program writes on this machine get into a store, and out of it before it starts?
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Bucket } from '../s3/bucket.ts';
import type { S3Settings } from '../s3/connection.ts';
import { abortUploads } from '../s3/uploads.ts';
import { Places } from '../s3/places.ts';
import { removeTree } from '../volume/remove-tree.ts';
import { unfinishedName } from '../paths.ts';
import { bringIn, objectsOf, type BroughtIn } from './bring-in.ts';
import { Claim, ClaimLost, type Epoch } from './claim.ts';
import { dueOf, isWorthHolding, type Due, type Program } from './due.ts';
import { lookAt, type LocalFile, type LocalFiles } from './local-files.ts';
import { CarryRecord, type Remembered } from './record.ts';
import { giveUp, openAll, stage, unchanged, type Handles, type Outcome } from './stage.ts';

export interface CarrierOptions {
  readonly store: S3Settings;
  /** In the store, relative to its prefix. */
  readonly path: string;
  /** On this machine. What is remembered of it is beside it. */
  readonly folder: string;
  readonly epoch: Epoch;
  /** Of this process. */
  readonly holder: string;
  /** A file that was written in place is whole when it has not changed for so long. */
  readonly settleMs: number;
  readonly nowMs: () => number;
}

export interface Pass {
  /** Nothing more is due. */
  readonly isComplete: boolean;
  readonly files: number;
  readonly sizeBytes: number;
  readonly deletions: number;
  /** Changed, and not yet in the store. */
  readonly waiting: readonly { readonly path: string; readonly changedAtMs: number }[];
  readonly links: readonly string[];
  /** When the oldest change was made that got into the store now; null: none did. */
  readonly oldestCarriedMs: number | null;
}

/** Nothing of it is touched. */
export class FolderTaken extends Error {
  override readonly name = 'FolderTaken';
}

/** One folder, one store, one process at a time. What the store shows is always what the folder was at some moment between two steps of its program. */
export class Carrier {
  #missing: ReadonlySet<string> = new Set();
  /** A former try has failed somewhere. */
  #isUnsure = false;

  private constructor(
    private readonly options: CarrierOptions,
    private readonly bucket: Bucket,
    private readonly from: string,
    private readonly claim: Claim,
    private readonly record: CarryRecord,
  ) {}

  /** Throws `ClaimLost` when somebody later writes there. */
  static async open(options: CarrierOptions): Promise<Carrier> {
    const { store, path, folder, epoch, holder } = options;
    const bucket = new Bucket(store);
    const places = new Places(store.prefix);
    const record = await CarryRecord.open(recordOf(folder));
    const claim = await Claim.take(bucket, { key: places.claim(path), from: places.folder(path) }, epoch, holder);
    return new Carrier(options, bucket, places.folder(path), claim, record);
  }

  /** What a former attempt left here and could not carry any more goes first: it is the later state, as long as nobody has written in the store since. */
  async bringIn(signal?: AbortSignal): Promise<BroughtIn> {
    const { folder, nowMs, epoch } = this.options;
    await abortUploads(this.bucket, [this.from]);
    if (!this.record.isThere && (await holdsSomething(folder))) throw new FolderTaken(`${folder} holds files that were not brought there from the store; move them away`);
    if (this.record.wholeIn && this.claim.isLatest(this.record.wholeIn)) await this.#carryLeftovers(signal);
    return bringIn({ bucket: this.bucket, from: this.from, folder, nowMs, signal }, this.record, epoch);
  }

  /** The one before was killed, or something failed: what is remembered is compared with what is there. */
  async adopt(): Promise<void> {
    const objects = await objectsOf(this.bucket, this.from);
    for (const [path, { etag }] of this.record.entries) if (objects.get(path)?.etag !== etag && !path.endsWith('/')) this.record.forget(path);
    const unknown = [...objects].filter(([path]) => !this.record.entries.has(path));
    await this.record.add(unknown.map(([path, { etag, sizeBytes }]) => [path, { version: 'unknown', inode: '', sizeBytes, carriedAt: 0, etag }] as const));
    await this.record.whole(this.options.epoch);
  }

  /** Safe to repeat after any failure but `ClaimLost`. */
  async carry(program: Program, { signal, pauseSignal }: { signal?: AbortSignal; /** Ends its waiting, and nothing else. */ pauseSignal?: AbortSignal } = {}): Promise<Pass> {
    if (this.#isUnsure) {
      await this.claim.refresh();
      await this.adopt();
    }
    this.#isUnsure = true;
    const { folder, nowMs } = this.options;
    const seen = await lookAt(folder, nowMs());
    const { due, open } = await this.#dueOf(seen, program, pauseSignal);
    const staging = { bucket: this.bucket, folder, from: this.from, etagOf: (path: string) => this.record.entries.get(path)?.etag ?? null, signal };
    const outcome = await stage(staging, due.additions, open).finally(() => closeAll(open));
    const deletions = outcome.isWhole ? due.deletions : [];
    await this.#show(outcome, deletions);
    this.#missing = due.missing;
    this.#isUnsure = false;
    return this.#passOf(program, due, outcome, deletions, seen.links);
  }

  /** Nothing is left to wait for. */
  async release(): Promise<void> {
    await this.claim.release();
  }

  /** The store has all of it. */
  async removeFolder(): Promise<void> {
    await removeTree(this.options.folder);
    await this.record.remove();
  }

  /**
   * Files that would have to wait are kept open for as long: those in which nothing changes are whole as they were, also when their names have gone to others meanwhile. So a program that replaces its
   * files again and again, faster than any of them holds still under its name, is carried nevertheless.
   */
  async #dueOf(seen: LocalFiles, program: Program, signal?: AbortSignal): Promise<{ due: Due; open: Handles }> {
    const { folder, settleMs } = this.options;
    const due = dueOf(seen, this.record.entries, this.#missing, program, { settleMs });
    if (program.state !== 'running' || !isWorthHolding(due, seen)) return { due, open: new Map() };
    const candidates = [...due.additions, ...due.waiting];
    const open = await openAll(folder, candidates);
    await pause(settleMs, undefined, { ...(signal && { signal }) }).catch(() => undefined);
    const held = signal?.aborted === true ? new Set<string>() : await unchanged(open, candidates);
    return { due: dueOf(seen, this.record.entries, this.#missing, program, { settleMs, held }), open };
  }

  async #carryLeftovers(signal?: AbortSignal): Promise<void> {
    await this.adopt();
    for (;;) {
      const { isComplete } = await this.carry({ state: 'broken', diedAt: null }, { ...(signal && { signal }) }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return { isComplete: true }; // the folder is gone
        throw error;
      });
      if (isComplete) return;
    }
  }

  async #show({ staged }: Outcome, deletions: readonly string[]): Promise<void> {
    if (staged.length + deletions.length === 0) return;
    try {
      const etags = await this.claim.show({ additions: staged.map((one) => one.staged), deletions });
      const carriedAt = this.options.nowMs();
      const added = staged.map(({ file }): [string, Remembered] => [file.path, rememberedOf(file, etags.get(file.path), carriedAt)]);
      await this.record.add([...added, ...deletions.map((path) => [path, null] as const)]);
      if ([...etags.keys()].length < staged.length) await this.adopt();
    } catch (error) {
      if (error instanceof ClaimLost) await giveUp({ bucket: this.bucket, from: this.from }, staged.map((one) => one.staged));
      throw error;
    }
  }

  #passOf({ state }: Program, { additions, waiting, missing }: Due, { staged, isWhole }: Outcome, deletions: readonly string[], links: readonly string[]): Pass {
    const left = [...additions.slice(staged.length), ...waiting];
    return {
      isComplete: isWhole && (missing.size === deletions.length || (state !== 'running' && waiting.length > 0)),
      files: staged.length,
      sizeBytes: staged.reduce((sum, { file }) => sum + file.sizeBytes, 0),
      deletions: deletions.length,
      waiting: left.map(({ path, changed }) => ({ path, changedAtMs: Number(changed / 1_000_000n) })),
      links,
      oldestCarriedMs: staged.length === 0 ? null : Math.min(...staged.map(({ file }) => Number(file.changed / 1_000_000n))),
    };
  }
}

/** Of others, to be read only. */
export async function bringReference(store: S3Settings, path: string, folder: string, nowMs: () => number, signal?: AbortSignal): Promise<BroughtIn> {
  const record = await CarryRecord.open(recordOf(folder));
  return bringIn({ bucket: new Bucket(store), from: new Places(store.prefix).folder(path), folder, nowMs, signal }, record, [0, 0]);
}

async function holdsSomething(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).length > 0;
}

async function closeAll(open: Handles): Promise<void> {
  for (const handle of open.values()) await handle.close();
}

function recordOf(folder: string): string {
  const name = folder.split('/').at(-1)!;
  return join(folder.slice(0, -name.length), unfinishedName(`${name}.carried`));
}

function rememberedOf({ version, inode, sizeBytes }: LocalFile, etag: string | undefined, carriedAt: number): Remembered {
  return { version: etag === undefined ? 'unknown' : version, inode, sizeBytes, carriedAt, etag: etag ?? 'unknown' };
}
