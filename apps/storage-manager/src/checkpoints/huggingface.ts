// Is it a folder that the trainer of Hugging Face's transformers could go on from?
import type { FileEntry } from '#storage';
import { parseObject, stepInside } from './json.ts';
import { examinePytorch } from './pytorch.ts';
import { byFolder, jsonBytesMax, nameOf, type Candidate, type Finding, type Look, type Recogniser } from './recogniser.ts';
import { examineSafetensors } from './safetensors.ts';
import { stepOf } from './step-of.ts';

const folderName = /(^|\/)checkpoint-\d{1,15}\/[^/]+$/;
const stateName = 'trainer_state.json';
/** One of these says that it is the trainer's; others write weights into such folders too. */
const markers = [stateName, 'training_args.bin', 'scheduler.pt'];
const indexName = /\.(bin|safetensors)\.index\.json$/;
const weightsName = /^(pytorch_model|model|adapter_model|tf_model|flax_model)\b.*\.(bin|safetensors|h5|msgpack)$/;

/** `checkpoint-500` with weights, optimizer, scheduler, state of the random numbers, and `trainer_state.json`. */
export const huggingface: Recogniser = {
  concerns: (path) => folderName.test(path),
  candidates: (files) =>
    [...byFolder(files)]
      .filter(([, inside]) => inside.some(({ path }) => markers.includes(nameOf(path))))
      .map(([folder, inside]): Candidate => ({ path: folder, framework: 'huggingface', files: inside, examine: (look) => examine(folder, inside, look) })),
};

async function examine(folder: string, files: readonly FileEntry[], look: Look): Promise<Finding> {
  const named = stepOf(folder);
  const names = new Set(files.map(({ path }) => nameOf(path)));
  const state = files.find(({ path }) => nameOf(path) === stateName);
  if (!state) return { step: named, problem: `its ${stateName} is missing: the saving did not get that far` };
  const content = state.sizeBytes <= jsonBytesMax ? parseObject(await look.peek(state, 0, state.sizeBytes)) : {};
  if (!content) return { step: named, problem: `its ${stateName} is cut off or damaged (${state.sizeBytes} bytes)` };
  const step = stepInside(content) ?? named;
  if (![...names].some((name) => weightsName.test(name))) return { step, problem: 'the weights are missing' };
  if (names.has('scheduler.pt') && !names.has('optimizer.pt')) return { step, problem: 'its optimizer.pt is missing' };
  if (names.has('optimizer.pt') && !names.has('scheduler.pt')) return { step, problem: 'its scheduler.pt is missing: the trainer would load neither, and say nothing' };
  const missing = await missingShard(files, names, look);
  if (missing) return { step, problem: missing };
  let isCompared = true;
  for (const file of files) {
    const finding = await part(file, look);
    if (finding?.problem) return { step, problem: `${nameOf(file.path)}: ${finding.problem}` };
    isCompared &&= finding?.isCompared === true;
  }
  return { step, problem: null, isCompared };
}

/** Large models are saved in several files, which an index names. */
async function missingShard(files: readonly FileEntry[], names: ReadonlySet<string>, { peek }: Look): Promise<string | null> {
  for (const file of files.filter(({ path, sizeBytes }) => indexName.test(path) && sizeBytes <= jsonBytesMax)) {
    const index = parseObject(await peek(file, 0, file.sizeBytes));
    if (!index) return `its ${nameOf(file.path)} is cut off or damaged`;
    const shards = [...new Set(Object.values((index.weight_map as Record<string, unknown> | undefined) ?? {}))];
    const missing = shards.filter((shard) => typeof shard === 'string' && !names.has(shard));
    if (missing.length > 0) return `${missing.length} of its ${shards.length} files of weights are missing: ${String(missing[0])}`;
  }
  return null;
}

async function part(file: FileEntry, look: Look): Promise<Finding | null> {
  const name = nameOf(file.path);
  if (/\.safetensors$/.test(name)) return examineSafetensors(file, look);
  if (/\.(pt|pth|bin)$/.test(name)) return file.sizeBytes === 0 ? { step: null, problem: 'it is empty' } : examinePytorch(file, look);
  if (/\.json$/.test(name) && file.sizeBytes <= jsonBytesMax) {
    const isWhole = parseObject(await look.peek(file, 0, file.sizeBytes)) !== null;
    return { step: null, problem: isWhole || name !== 'config.json' ? null : 'it is not JSON', isCompared: isWhole };
  }
  return null;
}
