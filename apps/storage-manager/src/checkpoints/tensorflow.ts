// Is it a checkpoint of TensorFlow, and is all of it there?
import type { FileEntry } from '#storage';
import { crc32c, masked } from './checksums.ts';
import { isBeyondEnd, jsonBytesMax, nameOf, peekBytesMax, type Candidate, type Finding, type Look, type Peek, type Recogniser } from './recogniser.ts';
import { stepOf } from './step-of.ts';
import { IndexDamaged, isTable, tensorsOf, textsCrc, type Tensor } from './tensor-bundle.ts';
import { Stream } from './zip.ts';

const framework = 'tensorflow';
const shardName = /^(.+)\.data-(\d{5})-of-(\d{5})$/;
const indexName = /^(.+)\.index$/;
const pointerName = /(^|\/)checkpoint$/;
/** TensorFlow's own names for what it is still writing. */
const unfinished = /\.tempstate|_temp\//;

/** `model.ckpt-100.index` with its shards `model.ckpt-100.data-00000-of-00002` and so on, and the text file `checkpoint` that names the latest. */
export const tensorflow: Recogniser = {
  concerns: (path) => (shardName.test(path) || indexName.test(path) || pointerName.test(path)) && !unfinished.test(path),
  candidates(files) {
    const prefixes = new Map<string, FileEntry[]>();
    for (const file of files) {
      const [, prefix] = shardName.exec(file.path) ?? indexName.exec(file.path) ?? [];
      if (prefix) prefixes.set(prefix, [...(prefixes.get(prefix) ?? []), file]);
    }
    const bundles = [...prefixes].map(([path, parts]): Candidate => ({ path, framework, files: parts, examine: (look) => examine(path, parts, look) }));
    const pointers = files.filter(({ path }) => pointerName.test(path)).map((file): Candidate => {
      return { path: file.path, framework, files: [file], examine: ({ peek }) => examinePointer(file, prefixes, peek) };
    });
    return [...bundles, ...pointers];
  },
};

async function examine(prefix: string, parts: readonly FileEntry[], look: Look): Promise<Finding | null> {
  const { peek } = look;
  const step = stepOf(prefix) ?? trailingNumber(prefix);
  const index = parts.find(({ path }) => indexName.test(path));
  const shards = parts.filter((part) => part !== index);
  if (!index) return { step, problem: 'its .index is missing' };
  const isOurs = await isTable(index, peek);
  if (!isOurs) return shards.length === 0 ? null : { step, problem: `its .index is cut off or damaged (${index.sizeBytes} bytes)` };
  const missing = missingShards(shards);
  if (missing) return { step, problem: missing };
  try {
    const tensors = await tensorsOf(index, peek);
    if (!tensors) return { step, problem: null }; // what can't be read that far proves nothing
    const problem = shardProblem(shards, tensors) ?? (look.contents && (await contentsProblem(shards, tensors, look)));
    return { step, problem, isCompared: problem === null && look.contents !== null };
  } catch (error) {
    if (error instanceof IndexDamaged) return { step, problem: error.message };
    throw error;
  }
}

function missingShards(shards: readonly FileEntry[]): string | null {
  if (shards.length === 0) return 'its .data files are missing';
  const counts = new Set(shards.map(({ path }) => shardName.exec(path)?.[3]));
  if (counts.size > 1) return 'its .data files belong to different savings';
  const count = Number([...counts][0]);
  return shards.length === count ? null : `${count - shards.length} of its ${count} .data files are missing`;
}

/** The index says how far the tensors reach in each shard. */
function shardProblem(shards: readonly FileEntry[], tensors: readonly Tensor[]): string | null {
  for (const shard of shards) {
    const expected = within(shard, tensors).reduce((end, { offset, bytes }) => Math.max(end, offset + bytes), 0);
    if (shard.sizeBytes < expected) return `${nameOf(shard.path)} is cut off: it holds ${shard.sizeBytes} of ${expected} bytes`;
  }
  return null;
}

/** In one pass through each shard. */
async function contentsProblem(shards: readonly FileEntry[], tensors: readonly Tensor[], { contents }: Look): Promise<string | null> {
  for (const shard of shards) {
    const stream = new Stream(contents!(shard, 0, shard.sizeBytes));
    try {
      for (const { name, offset, bytes, isText, elements, crc } of within(shard, tensors).sort((one, other) => one.offset - other.offset)) {
        if (crc === null || offset < stream.at || (isText && bytes > jsonBytesMax)) continue;
        await stream.pass(offset - stream.at);
        const found = isText ? textsCrc(await stream.take(bytes), elements) : await crcOf(stream, bytes);
        if (found !== crc) return `${name} in ${nameOf(shard.path)} is damaged: it doesn't match its checksum`;
      }
    } catch (error) {
      if (isBeyondEnd(error)) return `${nameOf(shard.path)} is damaged`;
      throw error;
    } finally {
      await stream.end();
    }
  }
  return null;
}

async function crcOf(stream: Stream, bytes: number): Promise<number> {
  let crc = 0;
  await stream.each(bytes, (chunk) => (crc = crc32c(chunk, crc)));
  return masked(crc);
}

function within({ path }: FileEntry, tensors: readonly Tensor[]): Tensor[] {
  const number = Number(shardName.exec(path)?.[2]);
  return tensors.filter(({ shard }) => shard === number);
}

/** A pointer is no checkpoint of its own: it only counts when what it points to is gone. */
async function examinePointer(file: FileEntry, prefixes: ReadonlyMap<string, unknown>, peek: Peek): Promise<Finding | null> {
  const text = (await peek(file, 0, Math.min(file.sizeBytes, peekBytesMax))).toString('utf8');
  const [, named] = /^model_checkpoint_path: "([^"\n]*)"/m.exec(text) ?? [];
  if (!named || named.startsWith('/')) return null; // an absolute one is of the machine that wrote it
  const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1);
  if (prefixes.has(folder + named)) return null;
  return { step: stepOf(named) ?? trailingNumber(named), problem: `it names ${named}, which is not there`, isPointer: true };
}

function trailingNumber(prefix: string): number | null {
  const [, digits] = /-(\d{1,15})$/.exec(prefix) ?? [];
  return digits ? Number(digits) : null;
}
