// How is a folder of a mounted volume a tree of files?
import { lstat, mkdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { checkPath, notFound, refused } from '../paths.ts';
import type { Children, CopyOptions, CopyReport, FileEntry, FileTree, StoreProblem, Usage } from '../storage.ts';
import { archive } from './archive.ts';
import { copyFolder } from './copy-folder.ts';
import { isReal, openInside } from './inside.ts';
import { VolumeLanding } from './landing.ts';
import { receiptOf } from './receipt.ts';
import { removeTree } from './remove-tree.ts';
import { removeUnfinished } from './unfinished.ts';
import { entryOf, inPathOrder, readFolder, statOf, unreadable, walk } from './walk.ts';
import { writeWhole } from './write-whole.ts';

export class VolumeTree implements FileTree {
  /** Targets of the copies under way in this process. */
  readonly #copying = new Map<string, Promise<unknown>>();

  private constructor(readonly root: string) {}

  /** The root itself may be a link, or reached through one: whoever runs the platform put it there. */
  static async open(root: string): Promise<VolumeTree> {
    await mkdir(root, { recursive: true });
    return new VolumeTree(await realpath(root));
  }

  async problem(): Promise<StoreProblem | undefined> {
    return (await this.exists('')) ? undefined : { setting: 'root', message: 'the folder is not there' };
  }

  async *list(folder: string): AsyncGenerator<FileEntry> {
    for await (const found of walk(await this.#folder(folder))) if (found.kind === 'file') yield found.entry;
  }

  async children(folder: string): Promise<Children> {
    const path = await this.#folder(folder);
    const entries = inPathOrder(await readFolder(path));
    const names = entries.filter((entry) => entry.isFile() && !unreadable(entry.name)).map(({ name }) => name);
    const stats = await Promise.all(names.map(async (name) => ({ name, stat: await statOf(join(path, name)) })));
    return {
      files: stats.flatMap(({ name, stat }) => (stat?.isFile() ? [{ name, sizeBytes: stat.size }] : [])),
      folders: entries.filter((entry) => entry.isDirectory() && !unreadable(entry.name)).map(({ name }) => name),
    };
  }

  async exists(folder: string): Promise<boolean> {
    return (await statOf(await this.#folder(folder)))?.isDirectory() ?? false;
  }

  async isEmpty(folder: string): Promise<boolean> {
    for await (const found of walk(await this.#folder(folder))) if (found.kind === 'file') return false;
    return true;
  }

  async usage(folder: string): Promise<Usage> {
    let [files, sizeBytes, skippedLinks] = [0, 0, 0];
    for await (const found of walk(await this.#folder(folder))) {
      if (found.kind === 'link') skippedLinks += 1;
      if (found.kind !== 'file') continue;
      files += 1;
      sizeBytes += found.entry.sizeBytes;
    }
    return { files, sizeBytes, skippedLinks };
  }

  async stat(path: string): Promise<FileEntry | null> {
    const stat = await statOf(await this.#file(path));
    return stat?.isFile() ? entryOf(path, stat) : null;
  }

  async read(path: string, range: { readonly start?: number; readonly end?: number } = {}): Promise<Readable> {
    const file = await openInside(await this.#file(path));
    if (file === undefined) throw notFound(path);
    try {
      if (!(await file.stat()).isFile()) throw notFound(path);
      return file.createReadStream(range);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async link(path: string): Promise<null> {
    await this.#file(path);
    return null;
  }

  async write(path: string, content: Readable | Uint8Array): Promise<FileEntry> {
    const file = await this.#file(path);
    await mkdir(dirname(file), { recursive: true });
    await writeWhole(file, content);
    return entryOf(path, await lstat(file));
  }

  async move(path: string, to: string): Promise<void> {
    const [from, target] = [await this.#file(path), await this.#file(to)];
    const stat = await statOf(from);
    if (!stat?.isFile() && !stat?.isDirectory()) return;
    await mkdir(dirname(target), { recursive: true });
    await rename(from, target);
  }

  async makeFolder(folder: string): Promise<void> {
    await mkdir(await this.#folder(folder), { recursive: true });
  }

  async remove(folder: string): Promise<void> {
    if (folder === '') throw refused(folder, 'is everything there is');
    const path = await this.#folder(folder);
    await removeUnfinished(path);
    await removeTree(path);
    await rm(receiptOf(path), { force: true });
  }

  async archive(folder: string): Promise<Readable> {
    return archive(await this.#folder(folder));
  }

  /** A second call for the same target waits for the first, and then finds the copy. */
  async copyFolder(source: string, target: string, options: CopyOptions = {}): Promise<CopyReport> {
    if (isWithin(source, target) || isWithin(target, source)) throw refused(target, 'and its source are within one another');
    return this.copyFrom(this, source, target, options);
  }

  /** The same from another volume. */
  async copyFrom(other: VolumeTree, source: string, target: string, options: CopyOptions = {}): Promise<CopyReport> {
    for (const path of options.select?.files ?? []) checkPath(path, 'file');
    for (const path of options.select?.folders ?? []) checkPath(path, 'folder');
    if (target === '') throw refused(target, 'is everything there is');
    const places = { root: this.root, source: await other.#folder(source), target: await this.#folder(target) };
    const earlier = this.#copying.get(target) ?? Promise.resolve();
    const copying = earlier.catch(() => undefined).then(async () => copyFolder(places, options));
    this.#copying.set(target, copying);
    try {
      return await copying;
    } finally {
      if (this.#copying.get(target) === copying) this.#copying.delete(target);
    }
  }

  landing(target: string, { request, attempt }: { readonly request: string; readonly attempt: number }): VolumeLanding {
    return new VolumeLanding(this.root, join(this.root, checkPath(target, 'folder')), request, attempt);
  }

  /** What is half written here has the name of its file, and is written over. */
  async tidy(): Promise<number> {
    return 0;
  }

  async #folder(folder: string): Promise<string> {
    return this.#within(checkPath(folder, 'folder'));
  }

  async #file(path: string): Promise<string> {
    return this.#within(checkPath(path, 'file'));
  }

  /** A program may have put a link to elsewhere among its outputs. */
  async #within(path: string): Promise<string> {
    const place = join(this.root, path);
    if (await isReal(place)) return place;
    throw refused(path, 'leads through a link');
  }
}

function isWithin(outer: string, path: string): boolean {
  return outer === '' || path === outer || path.startsWith(`${outer}/`);
}
