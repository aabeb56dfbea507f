// What is in an outputs path?
import type { Readable } from 'node:stream';
import type { FilesComparison, OutputsSummary, OutputsTreeBody, StoreBody } from '#contracts';
import { Refusal } from '#decider';
import { parseExperimentPath } from '#layout';
import type { FileEntry, FileTree } from '#storage';
import { submissionProblem } from '../outputs-store.ts';
import { compareFolders } from './compare-folders.ts';
import { choose } from '../checkpoints/choose.ts';
import { findCheckpoints, summaryOf } from '../checkpoints/find-checkpoints.ts';
import { newestCheckpoint } from '../checkpoints/newest-checkpoint.ts';

/** Every path is an experiment's, and nothing below it leads out of it: the tree follows no links. */
export class OutputsReader {
  constructor(private readonly tree: FileTree) {}

  async store(name: string): Promise<StoreBody> {
    const known = ['default'];
    return { known, problem: known.includes(name) ? await submissionProblem(this.tree) : null };
  }

  async summary(path: string, from: string | null): Promise<OutputsSummary> {
    const outputsPath = outputsPathOf(path);
    const { files, sizeBytes, checkpoints } = await findCheckpoints(this.tree, outputsPath);
    const { offered, setAside, problem, alternatives } = choose(checkpoints, from);
    const choice = { offered: offered && summaryOf(offered), setAside: setAside.map(summaryOf), problem, alternatives };
    return { exists: await this.tree.exists(outputsPath), files, sizeBytes, checkpoints: checkpoints.map(summaryOf), choice };
  }

  async newestCheckpoint(path: string): Promise<string | null> {
    return newestCheckpoint(this.tree, outputsPathOf(path));
  }

  async children(path: string, folder: string): Promise<OutputsTreeBody> {
    const place = below(path, folder);
    if (folder !== '' && !(await this.tree.exists(place))) throw noFolder(folder);
    const { files, folders } = await this.tree.children(place);
    return { files: files.map(({ name, sizeBytes }) => [name, sizeBytes]), dirs: folders };
  }

  async compare(path: string, other: string): Promise<FilesComparison> {
    return compareFolders(this.tree, outputsPathOf(path), outputsPathOf(other));
  }

  async file(path: string, file: string): Promise<FileEntry> {
    const entry = file === '' ? null : await this.tree.stat(below(path, file));
    if (!entry) throw new Refusal('path-not-found', `there is no file ${JSON.stringify(file)} in the outputs`);
    return entry;
  }

  async read({ path }: FileEntry, range: { readonly start: number; readonly end: number }): Promise<Readable> {
    return this.tree.read(path, range);
  }

  async archive(path: string, folder: string): Promise<Readable> {
    const place = below(path, folder);
    if (!(await this.tree.exists(place))) throw noFolder(folder);
    return this.tree.archive(place);
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
