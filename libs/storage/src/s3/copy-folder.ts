// How does a folder of objects become two within one store, whatever happens on the way?
import { setTimeout as pause } from 'node:timers/promises';
import { cancelled, CopyFailed, type CopyOptions, type CopyReport, type Settling } from '../storage.ts';
import { isAbsent, isPreconditionFailed, type Bucket } from './bucket.ts';
import { codeOf } from './connection.ts';
import { copyFailure } from './copy-failure.ts';
import { isFolder, Notes, type Begun, type Entry } from './notes.ts';
import { copyInParts, goesInParts, mayBeInParts, type PartSizes } from './parts.ts';
import type { Places } from './places.ts';
import { earlierReport, requestOf, targetExists } from './receipt.ts';
import { areSame, digestOfAll } from './same.ts';
import { ahead, entriesOf, flat, Selected } from './survey.ts';
import { Tally } from './tally.ts';
import { Target } from './target.ts';

const settlingDefault: Settling = { rounds: 3000, milliseconds: 30_000, quietMs: 100, quietRounds: 8 };
const quietMsMax = 1000;
const quietGrowth = 1.2;
const progressMs = 100;

export interface S3Copy {
  readonly bucket: Bucket;
  readonly places: Places;
  readonly source: string;
  readonly target: string;
  readonly sizes: PartSizes;
}

export async function copyFolder(copy: S3Copy, options: CopyOptions): Promise<CopyReport> {
  if (options.signal?.aborted === true) throw cancelled();
  return (await earlierReport(copy, requestOf(copy.source, options))) ?? new FolderCopy(copy, options).run();
}

/**
 * The objects get their final keys at once, below a target that is hidden by a note beside the tree. Page by page the source is listed, noted, and copied, each object
 * only as the content that was noted. Then source and target are listed again: a source that is still as it was noted, and a target that is the same, get one receipt,
 * put under the condition that there is none. Removing the note shows the target. No byte of content passes through here.
 */
class FolderCopy {
  readonly #manifest = new Map<string, Entry>();
  /** Listed in the target when this copier began; what isn't of the noted content has gone. */
  #there = new Map<string, number>();
  #known = new Map<string, Entry>();
  #uploads = new Map<string, Begun>();
  readonly #settling: Settling;
  readonly #request: string;
  #moved = false;
  #isCommitting = false;
  readonly #tally = new Tally();
  readonly #target: Target;

  constructor(
    private readonly copy: S3Copy,
    private readonly options: CopyOptions,
  ) {
    this.#settling = { ...settlingDefault, ...options.settling };
    this.#target = new Target(copy.bucket, copy.places, copy.target);
    this.#request = requestOf(copy.source, options);
  }

  async run(): Promise<CopyReport> {
    const ticking = setInterval(() => this.#tell(), progressMs);
    try {
      const report = await this.#copy();
      this.#tell();
      return report;
    } catch (error) {
      const failure = this.#isCancelled() ? cancelled() : copyFailure(error);
      // A store that is away is waited for by trying again: what is there is kept for that, and hidden.
      if (failure instanceof CopyFailed && failure.reason !== 'target-exists') await this.#clear();
      throw failure;
    } finally {
      clearInterval(ticking);
    }
  }

  async #copy(): Promise<CopyReport> {
    const notes = await this.#begin();
    await this.#fill(notes, flat(ahead(this.#surveyed(notes))));
    await this.#makeRoom([...this.#there.keys()].filter((path) => !this.#manifest.has(path)));
    const giveUpAt = performance.now() + this.#settling.milliseconds;
    for (let round = 1; ; round += 1) {
      if (this.options.live === true) await this.#beQuiet(round);
      const [changes, there] = await Promise.all([this.#changes(), this.#target.list()]);
      if (changes.length === 0 && !this.#moved) return this.#finish(there, round);
      const isPatient = this.options.live === true && round < this.#settling.rounds && performance.now() < giveUpAt;
      if (!isPatient) throw new CopyFailed('source-changed', `The source changed while it was copied: ${some(changes.map(({ path }) => path))}.`);
      this.#moved = false;
      await this.#follow(notes, changes);
    }
  }

  /** Nothing is copied before the target is hidden, and nothing is hidden that is somebody's. */
  async #begin(): Promise<Notes> {
    const { bucket, places, target } = this.copy;
    for (;;) {
      const isNoted = (await bucket.getText(places.request(target))) !== undefined;
      if (!isNoted && (await this.#target.list()).size > 0) throw targetExists(target);
      const notes = await Notes.begin(bucket, places, target, this.#request);
      if (notes?.isOld === true) await this.#goOnWith(notes);
      if (notes !== undefined) return notes;
      await this.#clear(); // of another request that nobody goes on with
    }
  }

  async #goOnWith(notes: Notes): Promise<void> {
    const { bucket, places, target } = this.copy;
    this.#known = await notes.read();
    this.#there = new Map([...(await this.#target.list())].map(([path, { sizeBytes }]) => [path, sizeBytes]));
    this.#uploads = new Map((await Notes.uploads(bucket, places, target)).map((begun) => [begun.path, begun]));
  }

  /** What is still to be copied. */
  async *#surveyed(notes: Notes): AsyncGenerator<Entry[]> {
    for await (const page of this.#source()) {
      const isRight = ({ path, sizeBytes, etag }: Entry): boolean => this.#there.get(path) === sizeBytes && this.#known.get(path)?.etag === etag;
      const isNoted = ({ path, etag }: Entry): boolean => this.#known.get(path)?.etag === etag;
      await this.#makeRoom(page.filter((entry) => !isRight(entry) && (this.#there.has(entry.path) || this.#isLarge(this.#known.get(entry.path)))).map(({ path }) => path), isNoted);
      await notes.add(page.filter((entry) => !isNoted(entry)));
      for (const entry of page) {
        this.#manifest.set(entry.path, entry);
        this.#tally.plan(entry);
        if (isRight(entry)) this.#tally.finish(entry);
      }
      yield page.filter((entry) => !isRight(entry));
    }
  }

  async *#source(): AsyncGenerator<Entry[]> {
    const { bucket, places, source, target } = this.copy;
    const selected = new Selected(this.options.select);
    const unfinished = await places.unfinished(bucket);
    if (unfinished.hides(source)) throw new CopyFailed('source-missing', 'The folder to copy from is not there.');
    const hides = (path: string): boolean => unfinished.hides(`${source}/${path}`);
    for await (const page of entriesOf(bucket, places.folder(source), places.folder(target), hides)) {
      this.#stopIfCancelled();
      yield selected.of(page);
    }
    selected.checkAll();
  }

  /** As many at once as the store bears. */
  async #fill(notes: Notes, entries: AsyncIterable<Entry> | Iterable<Entry>): Promise<void> {
    const running = new Set<Promise<void>>();
    let failure: { error: unknown } | undefined;
    try {
      for await (const entry of entries) {
        if (failure !== undefined || this.#isCancelled()) break;
        const task = this.#copyOne(notes, entry).catch((error: unknown) => void (failure ??= { error })).finally(() => running.delete(task));
        running.add(task);
        while (running.size >= this.copy.bucket.pace.limit) await Promise.race(running);
      }
    } finally {
      await Promise.all(running);
    }
    if (failure !== undefined) throw failure.error;
    this.#stopIfCancelled();
  }

  async #copyOne(notes: Notes, entry: Entry): Promise<void> {
    const { bucket, places } = this.copy;
    const source = { key: this.#sourceKey(entry.path), etag: entry.etag };
    const target = this.#target.key(entry.path);
    try {
      if (isFolder(entry)) await bucket.put(target, Buffer.alloc(0));
      else if (goesInParts(this.copy.sizes, entry.sizeBytes, bucket)) await this.#copyInParts(notes, entry);
      else await bucket.copy(source, target, this.options.signal);
      this.#tally.finish(entry);
    } catch (error) {
      if (!isPreconditionFailed(error) && !isSourceGone(error)) throw copyFailure(error, places.pathOf(source.key));
      this.#moved = true; // the source did: the next look at it says how
    }
  }

  async #copyInParts(notes: Notes, entry: Entry): Promise<void> {
    const { path, etag, sizeBytes } = entry;
    const { bucket, sizes } = this.copy;
    const begun = this.#uploads.get(path);
    await copyInParts(bucket, { key: this.#sourceKey(path), etag, sizeBytes }, this.#target.key(path), {
      sizes,
      earlier: begun?.etag === etag ? begun.uploadId : undefined,
      onBegun: (uploadId) => notes.addUpload({ path, etag, uploadId }),
      onPart: (bytes) => this.#tally.add(entry, bytes),
      stopIfCancelled: () => this.#stopIfCancelled(),
      signal: this.options.signal,
    });
  }

  /** New, or of another content; `sizeBytes` is negative for what has gone. */
  async #changes(): Promise<Entry[]> {
    const changes: Entry[] = [];
    const now = new Set<string>();
    for await (const page of this.#source()) {
      for (const entry of page) {
        now.add(entry.path);
        if (this.#manifest.get(entry.path)?.etag !== entry.etag) changes.push(entry);
      }
    }
    const gone = [...this.#manifest.keys()].filter((path) => !now.has(path)).map((path) => ({ path, sizeBytes: -1, etag: '' }));
    return [...changes, ...gone];
  }

  /** The objects of the target go first, then the notes change: in between, an object that isn't there is copied again. */
  async #follow(notes: Notes, changes: readonly Entry[]): Promise<void> {
    await this.#makeRoom(changes.map(({ path }) => path));
    const left = changes.filter(({ sizeBytes }) => sizeBytes >= 0);
    await notes.add(left);
    for (const { path } of changes) {
      const before = this.#manifest.get(path);
      if (before !== undefined) this.#tally.forget(before);
      this.#manifest.delete(path);
    }
    for (const entry of left) {
      this.#known.delete(entry.path);
      this.#manifest.set(entry.path, entry);
      this.#tally.plan(entry);
    }
    const there = await this.#target.list();
    await this.#fill(notes, [...this.#manifest.values()].filter(({ path, sizeBytes }) => there.get(path)?.sizeBytes !== sizeBytes));
  }

  /** Of an upload that goes on with the same content, only what is at its key goes. */
  async #makeRoom(paths: readonly string[], goesOn: (entry: Entry) => boolean = () => false): Promise<void> {
    if (paths.length === 0) return;
    await this.#target.remove(paths);
    const large = paths.map((path) => this.#known.get(path) ?? this.#manifest.get(path)).filter((entry) => this.#isLarge(entry) && !goesOn(entry!));
    for (const { path } of large as Entry[]) this.#uploads.delete(path);
    await this.#target.abort(large.map((entry) => entry!.path));
  }

  async #finish(there: ReadonlyMap<string, Entry>, rounds: number): Promise<CopyReport> {
    const { bucket, places, source, target } = this.copy;
    const wanted = [...this.#manifest.values()];
    const incomplete = wanted.filter(({ path, sizeBytes }) => there.get(path)?.sizeBytes !== sizeBytes).map(({ path }) => path);
    const tooMuch = [...there.keys()].filter((path) => !this.#manifest.has(path));
    if (incomplete.length + tooMuch.length > 0) throw new CopyFailed('verification-failed', `The copy is not complete: ${some([...incomplete, ...tooMuch])}.`);
    const files = wanted.filter((entry) => !isFolder(entry));
    const pairs = files.map((entry) => ({ entry, sourceKey: this.#sourceKey(entry.path), targetKey: this.#target.key(entry.path), targetEtag: there.get(entry.path)!.etag }));
    const { digests, different } = await areSame(bucket, pairs, this.options.verify === 'full');
    if (different.length > 0) throw new CopyFailed('verification-failed', `The copy differs from the source in ${some(different)}.`);
    await this.#target.endUploads(this.#largePaths());
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const report: CopyReport = { files: files.length, sizeBytes, digest: digestOfAll(files, digests), skippedLinks: 0, rounds };
    this.#stopIfCancelled();
    this.#isCommitting = true;
    const receipt = JSON.stringify({ request: requestOf(source, this.options), report });
    if (!(await bucket.putFirst(places.receipt(target), Buffer.from(receipt)))) {
      const earlier = await earlierReport(this.copy, this.#request);
      if (earlier === undefined) throw targetExists(target);
      return earlier;
    }
    await Notes.end(bucket, places, target);
    return report;
  }

  #largePaths(): string[] {
    return [...this.#manifest.values(), ...this.#known.values()].filter((entry) => this.#isLarge(entry)).map(({ path }) => path);
  }

  async #clear(): Promise<void> {
    await this.#target.clear(this.#largePaths());
    this.#known.clear();
    this.#there.clear();
    this.#uploads.clear();
  }

  async #beQuiet(round: number): Promise<void> {
    const { quietMs } = this.#settling;
    await pause(Math.min(quietMsMax, quietMs * quietGrowth ** (round - 1)), undefined, { ...(this.options.signal && { signal: this.options.signal }) });
  }

  #sourceKey(path: string): string {
    return this.copy.places.folder(this.copy.source) + path;
  }

  #isLarge(entry: Entry | undefined): boolean {
    return entry !== undefined && mayBeInParts(this.copy.sizes, entry.sizeBytes);
  }

  #tell(): void {
    this.options.onProgress?.(this.#tally.progress);
  }

  #isCancelled(): boolean {
    return this.options.signal?.aborted === true && !this.#isCommitting;
  }

  #stopIfCancelled(): void {
    if (this.#isCancelled()) throw cancelled();
  }
}

/** An upload that is gone is no news of the source: whoever tries again begins another. */
function isSourceGone(error: unknown): boolean {
  return isAbsent(error) && codeOf(error) !== 'NoSuchUpload';
}

export function some(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map((path) => JSON.stringify(path)).join(', ');
  return paths.length > 3 ? `${shown}, and ${paths.length - 3} more` : shown;
}
