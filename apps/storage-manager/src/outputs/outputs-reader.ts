// What is in an outputs path?
import type { Readable } from 'node:stream';
import type { FilesComparison, OutputsSummary, OutputsTreeBody, StoreBody } from '#contracts';
import { Refusal } from '#decider';
import { parseExperimentPath } from '#layout';
import type { FileEntry } from '#storage';
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
    const place = below(path, folder);
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
    const entry = file === '' ? null : await (await this.stores.of(store)).stat(below(path, file));
    if (!entry) throw new Refusal('path-not-found', `there is no file ${JSON.stringify(file)} in the outputs`);
    return entry;
  }

  async read({ path }: FileEntry, store: string | undefined, range: { readonly start: number; readonly end: number }): Promise<Readable> {
    return (await this.stores.of(store)).read(path, range);
  }

  async archive({ path, store }: OutputsPlace, folder: string): Promise<Readable> {
    const place = below(path, folder);
    const tree = await this.stores.of(store);
    if (!(await tree.exists(place))) throw noFolder(folder);
    return tree.archive(place);
  }
}

function noFolder(folder: string): Refusal {
  return new Refusal('path-not-found', folder === '' ? 'there are no outputs' : `there is no folder ${JSON.stringify(folder)} in the outputs`);
}

function outputsPathOf(path: string): string {
  if (parseExperimentPath(path)) return path;
  throw new Refusal('path-invalid', `${JSON.stringify(path)} is not the outputs path of an experiment`);
}

function below(path: string, inside: string): string {
  const outputsPath = outputsPathOf(path);
  return inside === '' ? outputsPath : `${outputsPath}/${inside}`;
}
