// Is it a checkpoint of PyTorch, and is it whole?
import type { FileEntry } from '#storage';
import { oneFile, peekBytesMax, type Finding, type Peek } from './recogniser.ts';
import { stepOf } from './step-of.ts';
import { isZip, zipProblem } from './zip.ts';

/** `torch.save` before 1.6: this number, pickled, then its version and three more pickles, then raw storages. */
const legacyMagic = Buffer.from('8a0a6cfc9c46f9206aa850192e', 'hex');
const legacyBytesMin = 64;
const pickleProtocol = 0x80;
const pickleProtocolMax = 5;
const pickleStop = 0x2e;

/** `.ckpt` and `.bin` are used for other things too, so those count only when they look like PyTorch's. */
export const pytorch = oneFile('pytorch', /\.(pt|pth|pth\.tar|ckpt|bin)$/i, examine);

async function examine(file: FileEntry, peek: Peek): Promise<Finding | null> {
  const isBin = /\.bin$/i.test(file.path);
  const step = stepOf(file.path);
  if (file.sizeBytes === 0) return isBin ? null : { step, problem: 'it is empty' };
  const head = await peek(file, 0, Math.min(file.sizeBytes, peekBytesMax));
  if (isZip(head)) return { step, problem: await zipProblem(file, peek) };
  if (head[0] === pickleProtocol && (head[1] ?? 0) <= pickleProtocolMax) return { step, problem: await pickleProblem(file, head, peek) };
  const isZeros = head.every((byte) => byte === 0);
  if (isZeros && !isBin) return { step, problem: 'it holds zeros: its contents never reached the disk' };
  return /\.(bin|ckpt)$/i.test(file.path) ? null : { step, problem: `it begins with ${head.subarray(0, 4).toString('hex')}, as nothing that PyTorch saves` };
}

/** Without unpickling only plausibility can be told: of an old file by its beginning, of a plain pickle by its last instruction. */
async function pickleProblem(file: FileEntry, head: Buffer, peek: Peek): Promise<string | null> {
  const isLegacy = head.subarray(2, 2 + legacyMagic.length).equals(legacyMagic);
  if (isLegacy) return file.sizeBytes < legacyBytesMin ? `it is cut off after ${file.sizeBytes} bytes` : null;
  const last = await peek(file, file.sizeBytes - 1, 1);
  return last[0] === pickleStop ? null : `it is cut off: its ${file.sizeBytes} bytes don't end as a pickle does`;
}
