// Is it a checkpoint of PyTorch, and is it whole?
import type { FileEntry } from '#storage';
import { Elsewhere, Made, PickleReader } from './pickle.ts';
import { isBeyondEnd, jsonBytesMax, oneFile, peekBytesMax, type Finding, type Look, type Peek } from './recogniser.ts';
import { stepOf } from './step-of.ts';
import { examineZip, isZip } from './zip.ts';

/** `torch.save` before 1.6: this number, pickled, then its version and three more pickles, then raw storages. */
const legacyMagic = Buffer.from('8a0a6cfc9c46f9206aa850192e', 'hex');
const legacyBytesMin = 64;
const pickleProtocol = 0x80;
const pickleProtocolMax = 5;
const pickleStop = 0x2e;
/** Of so many storages the beginning is looked at. */
const storagesMax = 256;
const elementBytes: Readonly<Record<string, number>> = {
  DoubleStorage: 8, FloatStorage: 4, HalfStorage: 2, BFloat16Storage: 2, LongStorage: 8, IntStorage: 4, ShortStorage: 2, CharStorage: 1, ByteStorage: 1, BoolStorage: 1,
  ComplexFloatStorage: 8, ComplexDoubleStorage: 16,
};

/** Before each storage: how many elements it has. */
const countBytes = 8;

interface Storage {
  readonly bytes: number;
  readonly elements: number;
}

/** `.ckpt` and `.bin` are used for other things too, so those count only when they look like PyTorch's. */
export const pytorch = oneFile('pytorch', /\.(pt|pth|pth\.tar|ckpt|bin)$/i, examinePytorch);

export async function examinePytorch(file: FileEntry, look: Look): Promise<Finding | null> {
  const isBin = /\.bin$/i.test(file.path);
  const step = stepOf(file.path);
  if (file.sizeBytes === 0) return isBin ? null : { step, problem: 'it is empty' };
  const head = await look.peek(file, 0, Math.min(file.sizeBytes, peekBytesMax));
  if (isZip(head)) return { step, ...(await examineZip(file, look)) };
  if (head[0] === pickleProtocol && (head[1] ?? 0) <= pickleProtocolMax) return { step, problem: await pickleProblem(file, head, look.peek) };
  const isZeros = head.every((byte) => byte === 0);
  if (isZeros && !isBin) return { step, problem: 'it holds zeros: its contents never reached the disk' };
  return /\.(bin|ckpt)$/i.test(file.path) ? null : { step, problem: `it begins with ${head.subarray(0, 4).toString('hex')}, as nothing that PyTorch saves` };
}

/** Of a plain pickle only its last instruction is looked at. */
async function pickleProblem(file: FileEntry, head: Buffer, peek: Peek): Promise<string | null> {
  const isLegacy = head.subarray(2, 2 + legacyMagic.length).equals(legacyMagic);
  if (isLegacy) return file.sizeBytes < legacyBytesMin ? `it is cut off after ${file.sizeBytes} bytes` : legacyProblem(file, peek);
  const last = await peek(file, file.sizeBytes - 1, 1);
  return last[0] === pickleStop ? null : `it is cut off: its ${file.sizeBytes} bytes don't end as a pickle does`;
}

/** Its pickles name the storages and how long each is; those follow, in the order of the last pickle, each after its length. */
async function legacyProblem(file: FileEntry, peek: Peek): Promise<string | null> {
  const pickles = new PickleReader(await peek(file, 0, Math.min(file.sizeBytes, jsonBytesMax)));
  const storages = new Map<unknown, Storage>();
  let keys: unknown;
  try {
    for (let passed = 0; passed < 3; passed += 1) pickles.next(); // the number, the version, the machine
    collect(pickles.next(), storages);
    keys = pickles.next();
  } catch (error) {
    if (!isBeyondEnd(error)) throw error;
    return file.sizeBytes > jsonBytesMax ? null : 'its pickles are cut off or damaged';
  }
  if (!Array.isArray(keys)) return 'its pickles are damaged';
  const found = keys.map((key: unknown) => storages.get(String(key)));
  if (found.includes(undefined)) return null; // written in a way we don't know
  const placed = found as Storage[];
  const needed = placed.reduce((sum, { bytes }) => sum + countBytes + bytes, pickles.at);
  if (file.sizeBytes !== needed) return `it is ${file.sizeBytes} bytes long, its storages need ${needed}`;
  let at = pickles.at;
  for (const { bytes, elements } of placed.slice(0, storagesMax)) {
    if ((await peek(file, at, countBytes)).readBigInt64LE() !== BigInt(elements)) return `it is damaged: no storage of ${elements} elements begins at ${at}`;
    at += countBytes + bytes;
  }
  return null;
}

/** ('storage', torch.FloatStorage, key, device, number of elements, view) */
function collect(value: unknown, storages: Map<unknown, Storage>, depth = 0): void {
  if (depth > 50) throw new RangeError('too deep to be looked at');
  const each = (inner: unknown): void => collect(inner, storages, depth + 1);
  if (value instanceof Elsewhere && Array.isArray(value.id)) {
    const [kind, type, key, , elements] = value.id as unknown[];
    const bytes = elementBytes[String(type).replace(/^torch\./, '')];
    if (text(kind) === 'storage' && bytes !== undefined && typeof elements === 'number') storages.set(text(key), { bytes: bytes * elements, elements });
  } else if (value instanceof Map) for (const [key, inner] of value) [key, inner].forEach(each);
  else if (Array.isArray(value)) value.forEach(each);
  else if (value instanceof Made) [value.args, value.state, value.items].forEach(each);
}

function text(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('utf8') : String(value);
}
