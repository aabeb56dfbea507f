// Which share of the damage to checkpoints is found out by what users get to see, format by format?
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FileEntry, FileTree } from '#storage';
import { findCheckpoints } from '../../apps/storage-manager/src/checkpoints/find-checkpoints.ts';
import { chanceOf } from '../check-subscriber/chance.ts';
import { Damager, kinds, type Files, type Kind } from './damage.ts';

export interface Format {
  readonly title: string;
  /** As it is listed. */
  readonly path: string;
  /** Names, or the beginning of names, of its files in `golden/files`. */
  readonly files: string;
}

/** Files that the frameworks themselves have written. */
export const formats: readonly Format[] = [
  { title: 'TensorFlow (index and shards)', path: 'ckpt-7', files: 'ckpt-7.' },
  { title: 'Keras HDF5, model', path: 'epoch-0003.h5', files: 'epoch-0003.h5' },
  { title: 'Keras HDF5, weights', path: 'epoch-0003.weights.h5', files: 'epoch-0003.weights.h5' },
  { title: 'Keras `.keras`', path: 'epoch-0003.keras', files: 'epoch-0003.keras' },
  { title: 'PyTorch zip', path: 'epoch-5.pth', files: 'epoch-5.pth' },
  { title: 'PyTorch before 1.6', path: 'epoch-6.legacy.pt', files: 'epoch-6.legacy.pt' },
  { title: 'TorchScript', path: 'step-8.jit.pt', files: 'step-8.jit.pt' },
  { title: 'safetensors', path: 'model-step-11.safetensors', files: 'model-step-11.safetensors' },
  { title: 'Hugging Face trainer', path: 'checkpoint-4', files: 'checkpoint-4/' },
  { title: 'PyTorch distributed', path: 'step-9.dcp', files: 'step-9.dcp/' },
];

export interface Share {
  readonly kind: Kind;
  readonly tried: number;
  readonly caught: number;
}

export async function goldenFiles(folder: string, { files }: Format): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return new Map(await Promise.all(paths.filter((path) => path.startsWith(files)).sort().map(async (path) => [path, await readFile(join(folder, path))] as const)));
}

/** Caught: it isn't offered to anybody as complete. */
export async function sharesOf({ path }: Format, files: Files, { times, seed }: { times: number; seed: number }): Promise<Share[]> {
  if (!(await isComplete(path, files))) throw new Error(`${path} is not taken for complete although nothing is wrong with it`);
  const shares: Share[] = [];
  for (const kind of kinds) {
    const damager = new Damager(chanceOf(seed));
    let [tried, caught] = [0, 0];
    for (let time = 0; time < times; time += 1) {
      const damaged = damager.damaged(kind, files);
      if (!damaged) break;
      tried += 1;
      if (!(await isComplete(path, damaged))) caught += 1;
    }
    if (tried > 0) shares.push({ kind, tried, caught });
  }
  return shares;
}

async function isComplete(path: string, files: Files): Promise<boolean> {
  const { checkpoints } = await findCheckpoints(inMemory(files), 'outputs');
  return checkpoints.some((one) => one.path === path && one.complete);
}

/** The two calls by which checkpoints are looked at. */
function inMemory(files: Files): FileTree {
  const entries = [...files].map(([path, { length }]): FileEntry => ({ path, sizeBytes: length, modifiedAt: '2026-11-27T10:00:00.000Z', version: '' }));
  const tree: Pick<FileTree, 'list' | 'read'> = {
    async *list() {
      yield* entries;
    },
    read: async (path, { start = 0, end = Infinity } = {}) => Readable.from([files.get(path.slice('outputs/'.length))!.subarray(start, end + 1)]),
  };
  return tree as FileTree;
}
