// How does a folder become two, whatever happens on the way?
import { execFile } from 'node:child_process';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cancelled, CopyFailed, type CopyOptions, type CopyReport, type Settling } from '../storage.ts';
import { Board } from './board.ts';
import { digestOf, sampleOf } from './compare-files.ts';
import { copyFailure } from './copy-failure.ts';
import { Crew, type Input, type Output, type SharedTask } from './crew.ts';
import { isReal } from './inside.ts';
import { earlierReport, receiptOf, requestOf, targetExists, writeReceipt } from './receipt.ts';
import { removeTree } from './remove-tree.ts';
import { difference, missing, select, type Manifest, type ManifestFile } from './survey.ts';
import { statOf } from './walk.ts';
import { takeOver, unfinishedOf } from './unfinished.ts';
import { flushFolder } from './write-whole.ts';

const settlingDefault: Settling = { rounds: 3000, milliseconds: 30_000, quietMs: 100, quietRounds: 8 };
const quietMsMax = 1000;
const quietGrowth = 1.2;
/** What is written so slowly that it can be copied between two writings; more is waited for. */
const quickBytesMax = 16 * 1024 * 1024;
const quickPauseMsMax = 5;
/** Longer than a tick of any file system that is in use. */
const racyMs = 12;
const progressMs = 100;
/** How long threads may take to let go of their files when the copy is cancelled. */
const graceMs = 50;
/** Times are copied with the precision of a double. */
const sameMs = 0.01;

const run = promisify(execFile);

/** Real paths below `root`, which no message names. */
export interface Places {
  readonly root: string;
  readonly source: string;
  readonly target: string;
}

export async function copyFolder(places: Places, options: CopyOptions): Promise<CopyReport> {
  if (options.signal?.aborted === true) throw cancelled();
  const done = await earlierReport(places.target, requestOf(places.source, options));
  return done ?? new FolderCopy(places, options).run();
}

/**
 * A manifest of the source says what is to be done. Everything grows in a folder beside the target, so a copy that is killed leaves only that,
 * and the next one goes on in it. Then the source is surveyed again: what a manifest from before and one from after the copying agree on is
 * what the source was for all of that time. Only then the folder gets the target's name, which is one step.
 */
class FolderCopy {
  readonly #board = new Board();
  readonly #crew = Crew.borrow();
  readonly #unfinished: string;
  readonly #digests = new Map<string, string>();
  readonly #settling: Settling;
  #files = 0;
  #bytes = 0;
  #isCommitting = false;

  constructor(
    private readonly places: Places,
    private readonly options: CopyOptions,
  ) {
    this.#unfinished = unfinishedOf(places.target, options.attempt);
    this.#settling = { ...settlingDefault, ...options.settling };
  }

  async run(): Promise<CopyReport> {
    const ticking = setInterval(() => this.#tell(), progressMs);
    try {
      const report = await this.#unlessCancelled(this.#copy());
      this.#tell();
      return report;
    } catch (error) {
      this.#board.stop();
      await removeTree(this.#unfinished);
      throw this.options.signal?.aborted === true ? cancelled() : copyFailure(error, this.places.root);
    } finally {
      clearInterval(ticking);
      this.#crew.giveBack();
    }
  }

  async #copy(): Promise<CopyReport> {
    await mkdir(dirname(this.places.target), { recursive: true });
    await takeOver(this.places.target, this.options.attempt);
    let manifest = await this.#surveySource();
    let todo = await this.#goOnWith(manifest);
    let giveUpAt: number | undefined;
    let isQuick = false;
    for (let round = 1; ; round += 1) {
      await this.#fill(todo);
      giveUpAt ??= performance.now() + this.#settling.milliseconds;
      const different = await this.#compare(manifest);
      if (this.options.live === true && !isQuick) await this.#beQuiet(round);
      const [now, there] = await Promise.all([this.#surveySource(), this.#crew.one('survey', { folder: this.#unfinished }, 1)]);
      const { changed, vanished, folders } = difference(manifest, now);
      if (changed.length + vanished.length + folders.length === 0) {
        if (different.length > 0) throw new CopyFailed('verification-failed', `The copy differs from the source in ${some(different)}.`);
        return await this.#show(manifest, there, round);
      }
      const isPatient = this.options.live === true && round < this.#settling.rounds && performance.now() < giveUpAt;
      if (!isPatient) throw sourceChanged([...changed.map(pathOf), ...vanished, ...folders]);
      isQuick = round >= this.#settling.quietRounds && sizeOf(changed) <= quickBytesMax;
      if (isQuick) await pause(Math.random() * quickPauseMsMax); // not in step with the program
      await this.#makeRoom(vanished, folders);
      this.#plan(changed);
      manifest = now;
      todo = changed;
    }
  }

  async #surveySource(): Promise<Manifest> {
    const { source } = this.places;
    this.#stopIfCancelled();
    const all = await this.#crew.one('survey', { folder: source, racyMs: this.options.live === true ? racyMs : 0 });
    this.#stopIfCancelled();
    if (!(await isReal(source)) || !(await statOf(source))?.isDirectory()) throw new CopyFailed('source-missing', 'The folder to copy from is not there.');
    const absent = missing(all, this.options.select);
    if (absent.length > 0) throw new CopyFailed('source-missing', `The source does not hold ${some(absent)}.`);
    const manifest = select(all, this.options.select);
    if (manifest.unreadable.length > 0) throw new CopyFailed('name-invalid', `The name is not UTF-8: ${some(manifest.unreadable)}.`);
    return manifest;
  }

  /** What is still to be copied, after what an earlier attempt left has been looked through. */
  async #goOnWith(manifest: Manifest): Promise<readonly ManifestFile[]> {
    const left = await this.#crew.one('survey', { folder: this.#unfinished });
    await this.#crew.one('makeFolders', { target: this.#unfinished, folders: left.folders });
    await this.#makeRoom(difference(left, manifest).vanished, manifest.folders);
    this.#plan(manifest.files);
    const there = new Map(left.files.map((file) => [file.path, file]));
    const alike = manifest.files.filter((file) => isAlike(file, there.get(file.path)));
    if (alike.length === 0) return manifest.files;
    const comparisons = await this.#share('compareFiles', { ...this.#sides(), paths: alike.map(pathOf), full: false });
    const right = new Set(comparisons.flatMap(({ digests }) => digests.map(([path]) => path)));
    for (const { path, sizeBytes } of alike) {
      if (!right.has(path)) continue;
      this.#board.addFile();
      this.#board.addBytes(sizeBytes);
    }
    return manifest.files.filter(({ path }) => !right.has(path));
  }

  async #makeRoom(vanished: readonly string[], folders: readonly string[]): Promise<void> {
    for (const path of vanished) await removeTree(join(this.#unfinished, path));
    await this.#crew.one('makeFolders', { target: this.#unfinished, folders });
  }

  /** The largest first, so that no thread is left alone with one at the end. */
  async #fill(files: readonly ManifestFile[]): Promise<void> {
    for (const { path } of files) this.#digests.delete(path);
    const ordered = [...files].sort((one, other) => other.sizeBytes - one.sizeBytes);
    if (ordered.length > 0) await this.#share('copyFiles', { ...this.#sides(), paths: ordered.map(pathOf) });
  }

  async #compare({ files }: Manifest): Promise<string[]> {
    const full = this.options.verify === 'full';
    const unknown = (full ? files : sampleOf(files)).filter(({ path }) => !this.#digests.has(path));
    if (unknown.length === 0) return [];
    const comparisons = await this.#share('compareFiles', { ...this.#sides(), paths: unknown.map(pathOf), full });
    for (const [path, digest] of comparisons.flatMap(({ digests }) => digests)) this.#digests.set(path, digest);
    return comparisons.flatMap(({ different }) => different);
  }

  /**
   * Ever longer: a program that writes a large checkpoint is given the time to finish it. One that saves all the time is copied between two writings
   * in the end: what the source was for as long as that took, which is what a program that is killed then would have left.
   */
  async #beQuiet(round: number): Promise<void> {
    const { quietMs } = this.#settling;
    await pause(Math.min(quietMsMax, quietMs * quietGrowth ** (round - 1)), undefined, { ...(this.options.signal && { signal: this.options.signal }) });
  }

  async #show(manifest: Manifest, there: Manifest, rounds: number): Promise<CopyReport> {
    const { source, target } = this.places;
    const incomplete = deviation(manifest, there);
    if (incomplete.length > 0) throw new CopyFailed('verification-failed', `The copy is not complete: ${some(incomplete)}.`);
    await this.#crew.one('closeFolders', { ...this.#sides(), folders: manifest.folders });
    await this.#flush(manifest);
    const sizeBytes = sizeOf(manifest.files);
    const digest = digestOf(manifest.files, this.#digests);
    const report = { files: manifest.files.length, sizeBytes, digest, skippedLinks: manifest.skippedLinks, rounds };
    this.#stopIfCancelled();
    this.#isCommitting = true;
    await writeReceipt(target, requestOf(source, this.options), this.#unfinished, report);
    await rename(this.#unfinished, target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') await rm(receiptOf(target), { force: true }); // taken over: then it is that of the other
      throw ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(error.code ?? '') ? targetExists(target) : error;
    });
    await flushFolder(dirname(target));
    return report;
  }

  /** One flush of the file system instead of thousands of single ones; Node doesn't have it, every system's `sync` does. */
  async #flush({ files, folders }: Manifest): Promise<void> {
    const { signal } = this.options;
    try {
      await run('sync', ['-f', this.#unfinished], { ...(signal && { signal }) });
    } catch {
      this.#stopIfCancelled();
      await this.#share('flushFiles', { target: this.#unfinished, paths: [...files.map(pathOf), ...folders, ''] });
    }
  }

  async #share<Name extends SharedTask>(task: Name, input: Omit<Input<Name>, 'memory'>): Promise<Output<Name>[]> {
    this.#stopIfCancelled();
    this.#board.reset();
    const outputs = await this.#crew.all(task, { ...input, memory: this.#board.memory }, () => this.#board.stop());
    this.#stopIfCancelled();
    return outputs;
  }

  #sides(): { source: string; target: string } {
    return { source: this.places.source, target: this.#unfinished };
  }

  #plan(files: readonly ManifestFile[]): void {
    this.#files += files.length;
    this.#bytes += sizeOf(files);
  }

  #tell(): void {
    const { filesDone, bytesDone } = this.#board;
    this.options.onProgress?.({ filesDone, files: this.#files, bytesDone: Math.min(bytesDone, this.#bytes), bytes: this.#bytes });
  }

  #stopIfCancelled(): void {
    if (this.options.signal?.aborted === true) throw cancelled();
  }

  /** Threads stop at the next chunk; one that is stuck in a call to a dead volume isn't waited for. A name that is being given is given. */
  async #unlessCancelled(work: Promise<CopyReport>): Promise<CopyReport> {
    const { signal } = this.options;
    if (signal === undefined) return work;
    const { promise, reject } = withReject();
    let late: NodeJS.Timeout | undefined;
    const giveUp = (): void => {
      this.#board.stop();
      late = setTimeout(() => {
        if (!this.#isCommitting) reject(cancelled());
      }, graceMs);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([work, promise]);
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', giveUp);
    }
  }
}

function sourceChanged(paths: readonly string[]): CopyFailed {
  return new CopyFailed('source-changed', `The source changed while it was copied: ${some(paths)}.`);
}

function withReject(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject!: (error: Error) => void;
  const promise = new Promise<never>((_, fail) => (reject = fail));
  return { promise, reject };
}

function sizeOf(files: readonly ManifestFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function pathOf({ path }: ManifestFile): string {
  return path;
}

function isAlike(file: ManifestFile, there: ManifestFile | undefined): boolean {
  return there !== undefined && there.sizeBytes === file.sizeBytes && Math.abs(there.modifiedMs - file.modifiedMs) < sameMs;
}

/** Missing, of another size, or too much. */
function deviation(wanted: Manifest, there: Manifest): string[] {
  const sizes = new Map(there.files.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const { vanished, folders } = difference(there, wanted);
  return [...wanted.files.filter(({ path, sizeBytes }) => sizes.get(path) !== sizeBytes).map(pathOf), ...folders, ...vanished];
}

function some(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map((path) => JSON.stringify(path)).join(', ');
  return paths.length > 3 ? `${shown}, and ${paths.length - 3} more` : shown;
}
