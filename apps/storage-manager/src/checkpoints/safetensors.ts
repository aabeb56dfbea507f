// Is it a file of safetensors, and is it whole?
import type { FileEntry } from '#storage';
import { parseObject, stepInside } from './json.ts';
import { jsonBytesMax, oneFile, type Finding, type Look } from './recogniser.ts';
import { stepOf } from './step-of.ts';

/** Before the header: how long it is. */
const lengthBytes = 8;
const elementBits: Readonly<Record<string, number>> = {
  BOOL: 8, U8: 8, I8: 8, F8_E4M3: 8, F8_E5M2: 8, I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32, F64: 64, I64: 64, U64: 64,
};

interface Tensor {
  readonly dtype?: unknown;
  readonly shape?: unknown;
  readonly data_offsets?: unknown;
}

export const safetensors = oneFile('safetensors', /\.safetensors$/i, examineSafetensors);

/** It has no checksum of its contents: a changed weight is a weight. */
export async function examineSafetensors(file: FileEntry, { peek }: Look): Promise<Finding> {
  const { path, sizeBytes } = file;
  const step = stepOf(path);
  if (sizeBytes < lengthBytes) return { step, problem: sizeBytes === 0 ? 'it is empty' : `it is cut off after ${sizeBytes} bytes` };
  const headerBytes = Number((await peek(file, 0, lengthBytes)).readBigUInt64LE(0));
  if (headerBytes === 0) return { step, problem: 'it has no header: its contents never reached the disk' };
  if (lengthBytes + headerBytes > sizeBytes) return { step, problem: `it is cut off: its ${sizeBytes} bytes can't hold a header of ${headerBytes}` };
  if (headerBytes > jsonBytesMax) return { step, problem: null };
  const header = parseObject(await peek(file, lengthBytes, headerBytes));
  if (!header) return { step, problem: 'its header is not JSON' };
  return { step: stepInside(header.__metadata__) ?? step, problem: tensorsProblem(header, sizeBytes - lengthBytes - headerBytes) };
}

/** They lie behind each other without gaps, to the end of the file, each as long as its shape says. */
function tensorsProblem({ __metadata__: _, ...tensors }: Record<string, unknown>, dataBytes: number): string | null {
  const places = Object.entries(tensors).map(([name, tensor]) => ({ name, ...placeOf(tensor as Tensor | null) }));
  let end = 0;
  for (const { name, start, stop, bytes } of places.sort((one, other) => one.start - other.start || one.stop - other.stop)) {
    if (start !== end || (bytes !== null && bytes !== stop - start)) return `its header is damaged: the place of ${name} doesn't fit its shape and the others`;
    end = stop;
  }
  return end === dataBytes ? null : `it holds ${dataBytes} bytes of tensors, its header describes ${end}`;
}

function placeOf(tensor: Tensor | null): { start: number; stop: number; bytes: number | null } {
  const [start, stop] = Array.isArray(tensor?.data_offsets) ? (tensor.data_offsets as unknown[]) : [];
  if (typeof start !== 'number' || typeof stop !== 'number') return { start: NaN, stop: NaN, bytes: null };
  const bits = elementBits[String(tensor?.dtype)];
  const elements = Array.isArray(tensor?.shape) ? (tensor.shape as number[]).reduce((product, length) => product * length, 1) : NaN;
  return { start, stop, bytes: bits === undefined ? null : (bits / 8) * elements };
}
