// How are folders made, copied file by file, and removed, while disks fill up and programs go on writing?
import { CopyFailed, type CopyOptions, type CopyReport, type FileTree } from '#storage';
import type { Faults, Life } from './life.ts';
import type { Random } from '#testing';
import type { Rules } from './rules.ts';
import { print, type Files, type World } from './world.ts';

const roundsMax = 20;

/** What the storage-manager's worker uses of a `FileTree`, with its promises. */
export class SimulatedOutputs implements Pick<FileTree, 'root' | 'exists' | 'isEmpty' | 'makeFolder' | 'remove' | 'copyFolder'> {
  readonly root = '/outputs';

  constructor(
    private readonly world: World,
    private readonly rules: Rules,
    private readonly life: Life,
    private readonly random: Random,
    private readonly faults: Faults,
    /** Of a tree that shows a copy without looking at the source again: what the rules have to catch. */
    private readonly isHasty: boolean,
  ) {}

  exists(folder: string): Promise<boolean> {
    return this.life.effect(`looks whether ${folder} is there`, () => this.world.folders.has(folder));
  }

  isEmpty(folder: string): Promise<boolean> {
    return this.life.effect(`looks into ${folder}`, () => (this.world.folders.get(folder)?.files.size ?? 0) === 0);
  }

  makeFolder(folder: string): Promise<void> {
    return this.#write(`makes ${folder}`, () => {
      if (!this.world.folders.has(folder) && this.random.chance(0.01 * this.faults.rate)) this.world.forbidden.add(folder);
      if (this.world.forbidden.has(folder)) throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
      this.world.makeFolder(folder);
    });
  }

  remove(folder: string): Promise<void> {
    return this.#write(`removes ${folder}`, () => {
      if (this.world.folders.has(folder)) this.rules.removes(folder);
      this.world.folders.delete(folder);
      this.world.unfinished.delete(folder);
      this.world.receipts.delete(folder);
    });
  }

  /** Beside its target, one file at a time; it shows when it is what the source is in that moment. A call after a crash goes on with what is right already. */
  async copyFolder(source: string, target: string, { live = false, signal }: CopyOptions = {}): Promise<CopyReport> {
    const { world } = this;
    const failed = (reason: CopyFailed['reason']) => {
      world.unfinished.delete(target);
      return new CopyFailed(reason, reason);
    };
    const done = await this.life.effect(`begins to copy ${source} to ${target}`, () => {
      if (world.receipts.get(target) === source) return true;
      if (world.folders.has(target)) throw failed('target-exists');
      if (!world.folders.has(source)) throw failed('source-missing');
      world.unfinished.set(target, world.unfinished.get(target) ?? new Map<string, string>());
      return false;
    });
    if (done) return reportOf(world.folders.get(target)?.files ?? new Map<string, string>());
    const copy = world.unfinished.get(target) as Files;
    for (let round = 1; ; round += 1) {
      for (const name of world.folders.get(source)?.files.keys() ?? [])
        await this.life.effect(`copies ${name}`, () => {
          if (signal?.aborted) throw failed('cancelled');
          if (this.random.chance(0.004 * this.faults.rate)) throw failed('disk-full');
          const content = world.folders.get(source)?.files.get(name);
          if (content !== undefined) copy.set(name, content);
        });
      const shows = await this.life.effect(`checks the copy ${target}`, () => {
        const now = world.folders.get(source)?.files;
        if (!now) throw failed('source-missing');
        if (print(now) !== print(copy) && !this.isHasty) {
          if (!live || round === roundsMax) throw failed('source-changed');
          return false;
        }
        world.unfinished.delete(target);
        world.folders.set(target, { files: copy, was: new Set([print(copy)]) });
        world.receipts.set(target, source);
        this.rules.copyShows(target, source, world);
        return true;
      });
      if (shows) return reportOf(copy);
    }
  }

  /** Now and then the volume is away for a moment. */
  #write(what: string, happen: () => void): Promise<void> {
    return this.life.effect(what, () => {
      if (this.random.chance(0.01 * this.faults.rate)) throw Object.assign(new Error('EIO: input/output error'), { code: 'EIO' });
      happen();
    });
  }
}

function reportOf(files: Files): CopyReport {
  return { files: files.size, sizeBytes: files.size, digest: print(files), skippedLinks: 0, rounds: 1 };
}
