// From what in a folder could a training go on?
import type { CheckpointSummary } from '#contracts';
import { Refusal } from '#decider';
import type { FileEntry, FileTree } from '#storage';
import { json } from './json.ts';
import { keras } from './keras.ts';
import { pytorch } from './pytorch.ts';
import { jsonBytesMax, type Candidate, type Peek } from './recogniser.ts';
import { safetensors } from './safetensors.ts';
import { tensorflow } from './tensorflow.ts';

const recognisers = [tensorflow, keras, pytorch, safetensors, json] as const;
/** Only so many, the newest, are opened. */
const examinedMax = 200;
const examinedAtOnce = 8;
/** What a program is still writing: hidden names, and those it will rename. */
const unfinished = /(^|\/)\.|(\.(tmp|temp|part|partial)|~)($|\/)/i;

export interface Found {
  readonly files: number;
  readonly sizeBytes: number;
  /** Newest first. */
  readonly checkpoints: readonly CheckpointSummary[];
}

/** One walk through the folder; of all the files, whatever their number, only those remain in memory that may belong to a checkpoint. */
export async function findCheckpoints(tree: FileTree, folder: string): Promise<Found> {
  const concerned = recognisers.map((): FileEntry[] => []);
  let [files, sizeBytes] = [0, 0];
  for await (const file of tree.list(folder)) {
    files += 1;
    sizeBytes += file.sizeBytes;
    if (unfinished.test(file.path)) continue;
    for (const [index, recogniser] of recognisers.entries()) if (recogniser.concerns(file.path)) concerned[index]?.push(file);
  }
  const candidates = recognisers.flatMap((recogniser, index) => recogniser.candidates(concerned[index] ?? []));
  const newest = candidates.sort((one, other) => newestOf(other) - newestOf(one)).slice(0, examinedMax);
  return { files, sizeBytes, checkpoints: await examineAll(newest, peekIn(tree, folder)) };
}

async function examineAll(candidates: readonly Candidate[], peek: Peek): Promise<CheckpointSummary[]> {
  const found: CheckpointSummary[] = [];
  for (let first = 0; first < candidates.length; first += examinedAtOnce) {
    const some = await Promise.all(candidates.slice(first, first + examinedAtOnce).map((candidate) => examine(candidate, peek)));
    found.push(...some.filter((summary) => summary !== null));
  }
  return found;
}

async function examine(candidate: Candidate, peek: Peek): Promise<CheckpointSummary | null> {
  const { path, framework, files } = candidate;
  const finding = await candidate.examine(peek).catch((error: unknown) => {
    if (error instanceof Refusal || error instanceof RangeError) return null; // rotated away, or cut, while we looked
    throw error;
  });
  if (!finding) return null;
  const { step, problem } = finding;
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return { path, framework, step, sizeBytes, modifiedAt: new Date(newestOf(candidate)).toISOString(), complete: problem === null, problem };
}

function newestOf({ files }: Candidate): number {
  return files.reduce((newest, { modifiedAt }) => Math.max(newest, Date.parse(modifiedAt)), 0);
}

function peekIn(tree: FileTree, folder: string): Peek {
  return async ({ path }, start, length) => {
    if (length <= 0) return Buffer.alloc(0);
    if (length > jsonBytesMax) throw new TypeError(`${length} bytes of ${path} are too many to look at`);
    const chunks: Buffer[] = [];
    for await (const chunk of await tree.read(`${folder}/${path}`, { start, end: start + length - 1 })) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };
}
