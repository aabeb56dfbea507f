// Is it a file of safetensors, and is it whole?
import type { FileEntry } from '#storage';
import { parseObject, stepInside } from './json.ts';
import { jsonBytesMax, oneFile, type Finding, type Peek } from './recogniser.ts';
import { stepOf } from './step-of.ts';

/** Before the header: how long it is. */
const lengthBytes = 8;

export const safetensors = oneFile('safetensors', /\.safetensors$/i, examine);

async function examine(file: FileEntry, peek: Peek): Promise<Finding> {
  const { path, sizeBytes } = file;
  const step = stepOf(path);
  if (sizeBytes < lengthBytes) return { step, problem: sizeBytes === 0 ? 'it is empty' : `it is cut off after ${sizeBytes} bytes` };
  const headerBytes = Number((await peek(file, 0, lengthBytes)).readBigUInt64LE(0));
  if (lengthBytes + headerBytes > sizeBytes) return { step, problem: `it is cut off: its ${sizeBytes} bytes can't hold a header of ${headerBytes}` };
  if (headerBytes > jsonBytesMax) return { step, problem: null };
  const header = parseObject(await peek(file, lengthBytes, headerBytes));
  if (!header) return { step, problem: 'its header is not JSON' };
  const expected = lengthBytes + headerBytes + Object.values(header).reduce<number>((end, tensor) => Math.max(end, endOf(tensor)), 0);
  const problem = expected === sizeBytes ? null : `it is ${sizeBytes} bytes long, its tensors need ${expected}`;
  return { step: stepInside(header.__metadata__) ?? step, problem };
}

/** Where a tensor's data ends, after the header; the entry of metadata has none. */
function endOf(tensor: unknown): number {
  const offsets = (tensor as { data_offsets?: unknown } | null)?.data_offsets;
  return Array.isArray(offsets) && typeof offsets[1] === 'number' ? offsets[1] : 0;
}
