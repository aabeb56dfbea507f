// From what in a folder could a training go on?
import type { CheckpointSummary } from '#contracts';
import { Refusal } from '#decider';
import type { FileEntry, FileTree } from '#storage';
import { distributed, isDistributedPart } from './distributed.ts';
import { huggingface } from './huggingface.ts';
import { json } from './json.ts';
import { keras } from './keras.ts';
import { pytorch } from './pytorch.ts';
import { isBeyondEnd, jsonBytesMax, type Candidate, type Look } from './recogniser.ts';
import { safetensors } from './safetensors.ts';
import { tensorflow } from './tensorflow.ts';

/** A folder that is one checkpoint comes before the files in it. */
export const recognisers = [huggingface, distributed, tensorflow, keras, pytorch, safetensors, json] as const;
/** Only so many, the newest, are opened. */
const examinedMax = 200;
const examinedAtOnce = 8;
/** Of the newest so much is read and compared with its checksums; of the rest only the structure is looked at. */
const comparedBytesDefault = 256 * 1024 * 1024;
/** What a program is still writing: hidden names, and those it will rename. */
const unfinished = /(^|\/)\.|(\.(tmp|temp|part|partial)|~)($|\/)/i;

export interface Found {
  readonly files: number;
  readonly sizeBytes: number;
  /** Newest first. */
  readonly checkpoints: readonly FoundCheckpoint[];
}

export interface FoundCheckpoint extends CheckpointSummary {
  /** All that it is made of, relative to the outputs path. */
  readonly parts: readonly string[];
  readonly isPointer: boolean;
}

/** As others are told of it. */
export function summaryOf({ path, framework, step, sizeBytes, modifiedAt, complete, problem, compared = false }: FoundCheckpoint): CheckpointSummary {
  return { path, framework, step, sizeBytes, modifiedAt, complete, problem, compared };
}

/** One walk through the folder; of all the files, whatever their number, only those remain in memory that may belong to a checkpoint. */
export async function findCheckpoints(tree: FileTree, folder: string, comparedBytes = comparedBytesDefault): Promise<Found> {
  const concerned = recognisers.map((): FileEntry[] => []);
  let [files, sizeBytes] = [0, 0];
  for await (const file of tree.list(folder)) {
    files += 1;
    sizeBytes += file.sizeBytes;
    if (isUnfinished(file.path)) continue;
    for (const [index, recogniser] of recognisers.entries()) if (recogniser.concerns(file.path)) concerned[index]?.push(file);
  }
  const candidates = unclaimed(recognisers.flatMap((recogniser, index) => recogniser.candidates(concerned[index] ?? [])));
  const newest = candidates.sort(newestFirst).slice(0, examinedMax);
  return { files, sizeBytes, checkpoints: await examineAll(newest, tree, folder, comparedBytes) };
}

export function isUnfinished(path: string): boolean {
  return unfinished.test(isDistributedPart(path) ? path.slice(0, -'.metadata'.length) : path);
}

/** A file belongs to the first that has it. */
function unclaimed(candidates: readonly Candidate[]): Candidate[] {
  const claimed = new Set<string>();
  return candidates.filter(({ files, framework }) => {
    if (framework !== 'tensorflow' && files.some(({ path }) => claimed.has(path))) return false;
    for (const { path } of files) claimed.add(path);
    return true;
  });
}

async function examineAll(candidates: readonly Candidate[], tree: FileTree, folder: string, comparedBytes: number): Promise<FoundCheckpoint[]> {
  const found: FoundCheckpoint[] = [];
  let left = comparedBytes;
  for (let first = 0; first < candidates.length; first += examinedAtOnce) {
    const some = candidates.slice(first, first + examinedAtOnce).map((candidate) => {
      left -= sizeOf(candidate);
      return examine(candidate, lookInto(tree, folder, left >= 0));
    });
    found.push(...(await Promise.all(some)).filter((one) => one !== null));
  }
  return found;
}

async function examine(candidate: Candidate, look: Look): Promise<FoundCheckpoint | null> {
  const { path, framework, files } = candidate;
  const finding = await candidate.examine(look).catch((error: unknown) => {
    if (error instanceof Refusal || isBeyondEnd(error)) return null; // rotated away, or cut, while we looked
    throw error;
  });
  if (!finding) return null;
  const { step, problem, isCompared = false, isPointer = false } = finding;
  const modifiedAt = new Date(newestOf(candidate)).toISOString();
  return {
    path, framework, step, sizeBytes: sizeOf(candidate), modifiedAt, complete: problem === null, problem, compared: isCompared && problem === null, parts: files.map((file) => file.path), isPointer,
  };
}

function sizeOf({ files }: Candidate): number {
  return files.reduce((sum, file) => sum + file.sizeBytes, 0);
}

function newestOf({ files }: Candidate): number {
  return files.reduce((newest, { modifiedAt }) => Math.max(newest, Date.parse(modifiedAt)), 0);
}

/** Of the same moment, as a copy may leave them, the one whose name counts further. */
function newestFirst(one: Candidate, other: Candidate): number {
  return newestOf(other) - newestOf(one) || other.path.localeCompare(one.path, 'en', { numeric: true });
}

function lookInto(tree: FileTree, folder: string, isComparing: boolean): Look {
  return {
    async peek({ path }, start, length) {
      if (length <= 0) return Buffer.alloc(0);
      if (length > jsonBytesMax) throw new TypeError(`${length} bytes of ${path} are too many to look at`);
      const chunks: Buffer[] = [];
      for await (const chunk of await tree.read(`${folder}/${path}`, { start, end: start + length - 1 })) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
    contents: isComparing ? (file, start, length) => piece(tree, `${folder}/${file.path}`, start, length) : null,
  };
}

async function* piece(tree: FileTree, path: string, start: number, length: number): AsyncGenerator<Buffer> {
  if (length > 0) for await (const chunk of await tree.read(path, { start, end: start + length - 1 })) yield chunk as Buffer;
}
