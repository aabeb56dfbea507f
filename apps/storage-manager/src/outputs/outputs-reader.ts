// What is in an outputs path?
import { Readable } from 'node:stream';
import type { FilesComparison, OutputsSummary, OutputsTreeBody, StoreBody } from '#contracts';
import { Refusal } from '#decider';
import { parseExperimentPath } from '#layout';
import type { FileEntry, FileTree } from '#storage';
import type { OutputsStores } from '../outputs-stores.ts';
import { compareFolders } from './compare-folders.ts';
import { choose } from '../checkpoints/choose.ts';
import { findCheckpoints, summaryOf } from '../checkpoints/find-checkpoints.ts';
import { newestCheckpoint } from '../checkpoints/newest-checkpoint.ts';

/** One experiment's outputs; without a store they are in the default one. */
export interface OutputsPlace {
  readonly path: string;
  readonly store?: string | undefined;
}

/** Every path is an experiment's, and nothing below it leads out of it: the tree follows no links. */
export class OutputsReader {
  constructor(private readonly stores: Pick<OutputsStores, 'of' | 'state'>) {}

  store(name: string): Promise<StoreBody> {
    return this.stores.state(name);
  }

  async summary({ path, store }: OutputsPlace, from: string | null): Promise<OutputsSummary> {
    const outputsPath = outputsPathOf(path);
    const tree = await this.stores.of(store);
    const { files, sizeBytes, checkpoints } = await findCheckpoints(tree, outputsPath);
    const { offered, setAside, problem, alternatives } = choose(checkpoints, from);
    const choice = { offered: offered && summaryOf(offered), setAside: setAside.map(summaryOf), problem, alternatives };
    return { exists: await tree.exists(outputsPath), files, sizeBytes, checkpoints: checkpoints.map(summaryOf), choice };
  }

  async newestCheckpoint({ path, store }: OutputsPlace): Promise<string | null> {
    return newestCheckpoint(await this.stores.of(store), outputsPathOf(path));
  }

  async children({ path, store }: OutputsPlace, folder: string): Promise<OutputsTreeBody> {
    const place = placeOf(path, folder);
    const tree = await this.stores.of(store);
    if (folder !== '' && !(await tree.exists(place))) throw noFolder(folder);
    const { files, folders } = await tree.children(place);
    return { files: files.map(({ name, sizeBytes }) => [name, sizeBytes]), dirs: folders };
  }

  async compare(before: OutputsPlace, after: OutputsPlace): Promise<FilesComparison> {
    const folderOf = async ({ path, store }: OutputsPlace) => ({ tree: await this.stores.of(store), folder: outputsPathOf(path) });
    return compareFolders(await folderOf(before), await folderOf(after));
  }

  async file({ path, store }: OutputsPlace, file: string): Promise<FileEntry> {
    const entry = file === '' ? null : await (await this.stores.of(store)).stat(placeOf(path, file));
    if (!entry) throw new Refusal('path-not-found', `there is no file ${JSON.stringify(file)} in the outputs`);
    return entry;
  }

  /** Every file below a folder, in the order of their paths; of a file itself that one. Their paths are those of the tree. */
  async files({ path, store }: OutputsPlace, below: string): Promise<AsyncIterable<FileEntry>> {
    const place = placeOf(path, below);
    const tree = await this.stores.of(store);
    const file = below === '' ? null : await tree.stat(place);
    if (file) return Readable.from([file]);
    if (!(await tree.exists(place))) throw noFolder(below);
    return filesBelow(tree, place);
  }

  async read({ path }: FileEntry, store: string | undefined, range: { readonly start: number; readonly end: number }): Promise<Readable> {
    return (await this.stores.of(store)).read(path, range);
  }

  /** For whoever may read it; it says nothing of who that was. */
  async link(place: OutputsPlace, file: string, seconds: number): Promise<string> {
    const entry = await this.file(place, file);
    const url = await (await this.stores.of(place.store)).link(entry.path, seconds);
    if (url === null) throw new Refusal('outputs-not-linkable', 'these outputs are kept in folders, which have no addresses: only a store of objects can be linked to');
    return url;
  }

  async archive({ path, store }: OutputsPlace, folder: string): Promise<Readable> {
    const place = placeOf(path, folder);
    const tree = await this.stores.of(store);
    if (!(await tree.exists(place))) throw noFolder(folder);
    return tree.archive(place);
  }
}

async function* filesBelow(tree: FileTree, folder: string): AsyncGenerator<FileEntry> {
  for await (const entry of tree.list(folder)) yield { ...entry, path: `${folder}/${entry.path}` };
}

function noFolder(folder: string): Refusal {
  return new Refusal('path-not-found', folder === '' ? 'there are no outputs' : `there is no folder ${JSON.stringify(folder)} in the outputs`);
}

function outputsPathOf(path: string): string {
  if (parseExperimentPath(path)) return path;
  throw new Refusal('path-invalid', `${JSON.stringify(path)} is not the outputs path of an experiment`);
}

function placeOf(path: string, inside: string): string {
  const outputsPath = outputsPathOf(path);
  return inside === '' ? outputsPath : `${outputsPath}/${inside}`;
}
