// Is it a distributed checkpoint of PyTorch, and has every process written its part?
import type { FileEntry } from '#storage';
import { Made, PickleReader } from './pickle.ts';
import { byFolder, folderOf, isBeyondEnd, jsonBytesMax, nameOf, type Candidate, type Finding, type Look, type Recogniser } from './recogniser.ts';
import { stepOf } from './step-of.ts';
import { examineZip, isZip } from './zip.ts';

const partName = /(^|\/)__\d+_\d+\.distcp$/;
const metadataName = /(^|\/)\.metadata$/;

/** Where one tensor is. */
interface Place {
  readonly part: string;
  readonly start: number;
  readonly end: number;
}

/** With more tensors than that they are not compared: each is read by itself. */
const comparedMax = 500;

/** A folder of `__0_0.distcp` and so on, and `.metadata`, which is written last and says what is where. */
export const distributed: Recogniser = {
  concerns: (path) => partName.test(path) || metadataName.test(path),
  candidates: (files) =>
    [...byFolder(files)].flatMap(([folder, parts]): Candidate[] =>
      parts.some(({ path }) => partName.test(path)) || folder !== ''
        ? [{ path: folder === '' ? '.' : folder, framework: 'pytorch-distributed', files: parts, examine: (look) => examine(parts, look) }]
        : [],
    ),
};

export function isDistributedPart(path: string): boolean {
  return metadataName.test(path);
}

async function examine(files: readonly FileEntry[], look: Look): Promise<Finding | null> {
  const { peek } = look;
  const metadata = files.find(({ path }) => metadataName.test(path));
  const parts = new Map(files.filter((file) => file !== metadata).map((file) => [nameOf(file.path), file]));
  const [first] = files as [FileEntry];
  const step = stepOf(folderOf(first.path));
  if (!metadata) return { step, problem: 'its .metadata, which is written last, is missing' };
  if (metadata.sizeBytes > jsonBytesMax) return { step, problem: null };
  const places = placesIn(await peek(metadata, 0, metadata.sizeBytes));
  if (places === null) return parts.size === 0 ? null : { step, problem: `its .metadata is cut off or damaged (${metadata.sizeBytes} bytes)` };
  const needed = new Map<string, number>();
  for (const { part, end } of places) needed.set(part, Math.max(needed.get(part) ?? 0, end));
  const missing = [...needed.keys()].filter((part) => !parts.has(part));
  if (missing.length > 0) return { step, problem: `${missing.length} of its ${needed.size} parts are missing: ${missing.slice(0, 3).join(', ')}` };
  for (const [name, end] of needed) {
    const { sizeBytes } = parts.get(name) as FileEntry;
    if (sizeBytes < end) return { step, problem: `${name} is cut off: it holds ${sizeBytes} of ${end} bytes` };
  }
  for (const [name, part] of parts) {
    const head = await peek(part, 0, 4);
    if (needed.has(name) && !isZip(head)) return { step, problem: `${name} begins with ${head.toString('hex')}, as nothing that PyTorch saves` };
  }
  return look.contents && places.length <= comparedMax ? { step, ...(await compared(places, parts, look)) } : { step, problem: null };
}

/** Each tensor lies in its part as a zip archive of its own, or, as newer versions may write them, without a checksum. */
async function compared(places: readonly Place[], parts: ReadonlyMap<string, FileEntry>, look: Look): Promise<Pick<Finding, 'problem' | 'isCompared'>> {
  let isCompared = true;
  for (const { part, start, end } of places) {
    const whole = parts.get(part) as FileEntry;
    const file = { ...whole, sizeBytes: end - start };
    const within: Look = { peek: (_, at, length) => look.peek(whole, start + at, length), contents: look.contents && ((_, at, length) => look.contents!(whole, start + at, length)) };
    const finding = isZip(await within.peek(file, 0, 4)) ? await examineZip(file, within) : { problem: null };
    if (finding.problem !== null) return { problem: `${part}, from ${start} to ${end}: ${finding.problem}` };
    isCompared &&= finding.isCompared === true;
  }
  return { problem: null, isCompared };
}

/** `storage_data` says of each tensor in which file it is, where it begins and how long it is. Null: it can't be read. */
function placesIn(bytes: Buffer): Place[] | null {
  try {
    const metadata = new PickleReader(bytes).next();
    const storage = metadata instanceof Made && metadata.state instanceof Map ? (metadata.state.get('storage_data') as unknown) : undefined;
    if (!(storage instanceof Map) || storage.size === 0) return null;
    return [...storage.values()].map(placeOf);
  } catch (error) {
    if (isBeyondEnd(error)) return null;
    throw error;
  }
}

function placeOf(info: unknown): Place {
  const fields = info instanceof Made && info.state instanceof Map ? info.state : new Map<unknown, unknown>();
  const [part, offset, length] = ['relative_path', 'offset', 'length'].map((name) => fields.get(name) as unknown);
  if (typeof part !== 'string' || typeof offset !== 'number' || typeof length !== 'number') throw new RangeError('not written as we know it');
  return { part, start: offset, end: offset + length };
}
