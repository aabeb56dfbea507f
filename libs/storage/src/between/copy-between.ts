// How does a folder of one store come to be in another, whatever happens on the way?
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileAbove } from '../holdable.ts';
import { checkPath, refused } from '../paths.ts';
import { copyFailure as failureOfStore } from '../s3/copy-failure.ts';
import { some } from '../s3/copy-folder.ts';
import { allOrFirstError } from '../s3/parts.ts';
import { digestOfAll } from '../s3/same.ts';
import { Selected } from '../s3/survey.ts';
import { Tally } from '../s3/tally.ts';
import { cancelled, CopyFailed, type CopyOptions, type CopyReport, type FileTree, type Settling } from '../storage.ts';
import { copyFailure as failureOfVolume } from '../volume/copy-failure.ts';
import { VolumeTree } from '../volume/volume-tree.ts';
import { piecesOf, placeOf, type Arriving, type Landed, type Landing } from './landing.ts';
import { Room } from './room.ts';

export interface Place {
  readonly tree: FileTree;
  readonly folder: string;
}

/** With what streams and connections hold, a copy stays below 64 MiB. */
const roomBytes = 16 * 1024 * 1024;
const atOnce = 16;
const pageFiles = 1000;
const progressMs = 100;
const settlingDefault = { rounds: 3000, milliseconds: 30_000, quietMs: 100 } as const;
const quietMsMax = 1000;
const quietGrowth = 1.2;

/** Within one tree it is the tree's own business, and between two volumes that of the file system. Promises as `copyFolder` does; folders without a file, and modes, are kept between volumes only. */
export async function copyBetween(source: Place, target: Place, options: CopyOptions = {}): Promise<CopyReport> {
  if (source.tree === target.tree) return target.tree.copyFolder(source.folder, target.folder, options);
  if (source.tree instanceof VolumeTree && target.tree instanceof VolumeTree) return target.tree.copyFrom(source.tree, source.folder, target.folder, options);
  for (const path of [...(options.select?.files ?? []), ...(options.select?.folders ?? []), source.folder, target.folder]) checkPath(path, 'folder');
  if (target.folder === '') throw refused(target.folder, 'is everything there is');
  if (options.signal?.aborted === true) throw cancelled();
  const landing = target.tree.landing(target.folder, { request: JSON.stringify(['between', source.folder, options.select ?? null]), attempt: options.attempt ?? 1 });
  return new BetweenCopy(source, target, landing, options).run();
}

/**
 * The source is listed, and page by page its files travel in pieces, each with its MD5 sum, which the target compares. Then the source is listed again: what two listings agree on is what it was
 * all the time in between. A source that changes is followed when it is live. Only then the target shows.
 */
class BetweenCopy {
  readonly #room = new Room(roomBytes);
  readonly #tally = new Tally();
  readonly #sums = new Map<string, string>();
  readonly #settling: Pick<Settling, 'rounds' | 'milliseconds' | 'quietMs'>;
  #manifest = new Map<string, Arriving>();
  #isCommitting = false;

  constructor(
    private readonly source: Place,
    private readonly target: Place,
    private readonly landing: Landing,
    private readonly options: CopyOptions,
  ) {
    this.#settling = { ...settlingDefault, ...options.settling };
  }

  async run(): Promise<CopyReport> {
    const ticking = setInterval(() => this.#tell(), progressMs);
    try {
      const report = (await this.landing.begin()) ?? (await this.#copy());
      this.#tell();
      return report;
    } catch (error) {
      const failure = this.#isCancelled() ? cancelled() : this.landing.failure(error);
      // A store that is away is waited for by trying again: what is there is kept for that, and hidden.
      if (failure instanceof CopyFailed && failure.reason !== 'target-exists') await this.landing.clear();
      throw failure;
    } finally {
      clearInterval(ticking);
    }
  }

  async #copy(): Promise<CopyReport> {
    let todo: Arriving[] = [...(this.#manifest = await this.#survey()).values()];
    for (const file of todo) this.#tally.plan(file);
    let giveUpAt: number | undefined;
    for (let round = 1; ; round += 1) {
      await this.#fill(todo);
      giveUpAt ??= performance.now() + this.#settling.milliseconds;
      if (this.options.live === true) await this.#beQuiet(round);
      const now = await this.#survey();
      const { changed, gone } = differences(this.#manifest, now);
      const missing = [...now.values()].filter(({ path }) => !this.#sums.has(path) && !changed.some((file) => file.path === path));
      if (changed.length + gone.length + missing.length === 0) return this.#finish(round);
      const isPatient = this.options.live === true && round < this.#settling.rounds && performance.now() < giveUpAt;
      if (!isPatient && changed.length + gone.length > 0) throw new CopyFailed('source-changed', `The source changed while it was copied: ${some([...changed, ...gone].map(({ path }) => path))}.`);
      if (!isPatient) throw new CopyFailed('verification-failed', `What arrived is not what is in the source: ${some(missing.map(({ path }) => path))}.`);
      await this.#follow(changed, gone);
      this.#manifest = now;
      todo = [...changed, ...missing];
    }
  }

  /** Names that the target can't hold are refused before anything is copied. */
  async #survey(): Promise<Map<string, Arriving>> {
    const { tree, folder } = this.source;
    const files = new Map<string, Arriving>();
    const selected = new Selected(this.options.select);
    this.#stopIfCancelled();
    if (!(await fromSource(tree, tree.exists(folder)))) throw new CopyFailed('source-missing', 'The folder to copy from is not there.');
    const look = async (): Promise<void> => {
      for await (const { path, sizeBytes, version } of tree.list(folder)) for (const file of selected.of([{ path, sizeBytes, etag: version }])) files.set(path, file);
    };
    await fromSource(tree, look());
    selected.checkAll();
    for (const path of files.keys()) {
      const problem = this.#problemOf(path, files);
      if (problem !== undefined) throw new CopyFailed('name-invalid', `The name ${JSON.stringify(path)} ${problem}.`);
    }
    this.#stopIfCancelled();
    return files;
  }

  #problemOf(path: string, files: ReadonlyMap<string, Arriving>): string | undefined {
    try {
      checkPath(path, 'file');
    } catch (error) {
      return (error as Error).message.replace(/^The path ".*?" |\.$/g, '');
    }
    const file = fileAbove(path, files);
    return file === undefined ? this.landing.refuses(path) : `is in a folder that is also a file, ${JSON.stringify(file)}`;
  }

  async #fill(files: readonly Arriving[]): Promise<void> {
    for (let first = 0; first < files.length; first += pageFiles) {
      const page = files.slice(first, first + pageFiles);
      const landed = await this.landing.expect(page);
      const steps = page.flatMap((file) => this.#stepsFor(file, landed.get(file.path)));
      const bringSome = async (): Promise<void> => {
        for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
          this.#stopIfCancelled();
          await step();
        }
      };
      await allOrFirstError(Array.from({ length: atOnce }, bringSome));
      this.#stopIfCancelled();
    }
  }

  /** One for each piece that is missing; the last of them closes the file. */
  #stepsFor(file: Arriving, landed: Landed | undefined): (() => Promise<void>)[] {
    if (landed?.whole !== undefined) {
      this.#tally.finish(file);
      this.#sums.set(file.path, landed.whole);
      return [];
    }
    const count = piecesOf(file);
    const sums = Array.from({ length: count }, (_, piece) => landed?.pieces.get(piece) ?? '');
    for (const piece of landed?.pieces.keys() ?? []) this.#tally.add(file, placeOf(file, piece).length);
    let isBroken = false;
    const arrive = async (piece?: number): Promise<void> => {
      const sum = piece === undefined || isBroken ? undefined : await this.#bring(file, piece);
      if (piece !== undefined && sum === undefined) isBroken = true;
      if (piece !== undefined && sum !== undefined) sums[piece] = sum;
      if (!isBroken && sums.every((one) => one !== '')) await this.#close(file, sums);
    };
    const missing = sums.flatMap((sum, piece) => (sum === '' ? [piece] : []));
    return missing.length === 0 ? [() => arrive()] : missing.map((piece) => () => arrive(piece));
  }

  /** Undefined: the source isn't what it was. */
  async #bring(file: Arriving, piece: number): Promise<string | undefined> {
    const { start, length } = placeOf(file, piece);
    return this.#room.take(length, async (bytes) => {
      if (!(await this.#read(file, start, bytes))) return undefined;
      const sum = createHash('md5').update(bytes).digest('hex');
      await this.landing.land(file, piece, bytes, sum);
      this.#tally.add(file, length);
      return sum;
    });
  }

  /** False: there is less by now. */
  async #read({ path }: Arriving, start: number, bytes: Buffer): Promise<boolean> {
    const { tree, folder } = this.source;
    const { length } = bytes;
    if (length === 0) return true;
    const place = folder === '' ? path : `${folder}/${path}`;
    return fromSource(tree, (async () => {
      let filled = 0;
      for await (const chunk of await tree.read(place, { start, end: start + length - 1 })) filled += (chunk as Buffer).copy(bytes, filled);
      return filled === length;
    })()).catch((error: { code?: string }) => {
      if (error.code === 'path-not-found') return false;
      throw error;
    });
  }

  /** Two plain ETags of a store are MD5 sums: then what has left the source is compared, too. */
  async #close(file: Arriving, sums: readonly string[]): Promise<void> {
    const [first = ''] = sums;
    if (sums.length === 1 && /^[0-9a-f]{32}$/.test(file.etag) && file.etag !== first) return;
    await this.landing.close(file, sums);
    this.#tally.finish(file);
    this.#sums.set(file.path, sums.length === 1 ? first : sumOfSums(sums));
  }

  async #follow(changed: readonly Arriving[], gone: readonly Arriving[]): Promise<void> {
    for (const { path } of [...changed, ...gone]) {
      const before = this.#manifest.get(path);
      if (before !== undefined) this.#tally.forget(before);
      this.#sums.delete(path);
    }
    await this.landing.drop(gone);
    for (const file of changed) this.#tally.plan(file);
  }

  async #finish(rounds: number): Promise<CopyReport> {
    const files = [...this.#manifest.values()];
    const there = await this.landing.there();
    const extra = [...there.keys()].filter((path) => !this.#manifest.has(path)); // of a former copier, whose source was another
    await this.landing.drop(extra.map((path) => ({ path, sizeBytes: there.get(path)!, etag: '' })));
    const incomplete = files.filter(({ path, sizeBytes }) => there.get(path) !== sizeBytes).map(({ path }) => path);
    if (incomplete.length > 0) throw new CopyFailed('verification-failed', `The copy is not complete: ${some(incomplete)}.`);
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const skippedLinks = this.source.tree instanceof VolumeTree ? (await this.source.tree.usage(this.source.folder)).skippedLinks : 0;
    this.#stopIfCancelled();
    this.#isCommitting = true;
    return this.landing.show({ files: files.length, sizeBytes, digest: digestOfAll(files, this.#sums), skippedLinks, rounds });
  }

  async #beQuiet(round: number): Promise<void> {
    const { quietMs } = this.#settling;
    await pause(Math.min(quietMsMax, quietMs * quietGrowth ** (round - 1)), undefined, { ...(this.options.signal && { signal: this.options.signal }) });
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

/** What fails there is said in its words: an error of the network is none of the disk. */
async function fromSource<Answer>(tree: FileTree, asked: Promise<Answer>): Promise<Answer> {
  return asked.catch((error: unknown) => {
    throw tree instanceof VolumeTree ? failureOfVolume(error, tree.root) : failureOfStore(error);
  });
}

function differences(before: ReadonlyMap<string, Arriving>, now: ReadonlyMap<string, Arriving>): { changed: Arriving[]; gone: Arriving[] } {
  return {
    changed: [...now.values()].filter(({ path, etag }) => before.get(path)?.etag !== etag),
    gone: [...before.values()].filter(({ path }) => !now.has(path)),
  };
}

/** As stores have it for what came in parts. */
function sumOfSums(sums: readonly string[]): string {
  return `${createHash('md5').update(Buffer.from(sums.join(''), 'hex')).digest('hex')}-${sums.length}`;
}
