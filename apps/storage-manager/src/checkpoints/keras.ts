// Is it a checkpoint of Keras, and is it whole?
import type { FileEntry } from '#storage';
import { oneFile, type Finding, type Peek } from './recogniser.ts';
import { stepOf } from './step-of.ts';
import { isZip, zipProblem } from './zip.ts';

const signature = Buffer.from('894844460d0a1a0a', 'hex');
const headBytes = 64;

/** HDF5 (`.h5`, `.hdf5`, `.weights.h5`) and the zip archive `.keras`. */
export const keras = oneFile('keras', /\.(h5|hdf5|keras)$/i, examine);

async function examine(file: FileEntry, peek: Peek): Promise<Finding | null> {
  const step = stepOf(file.path);
  if (file.sizeBytes === 0) return { step, problem: 'it is empty' };
  const head = await peek(file, 0, Math.min(headBytes, file.sizeBytes));
  if (!/\.keras$/i.test(file.path)) return { step, problem: hdf5Problem(file, head) };
  return { step, problem: isZip(head) ? await zipProblem(file, peek) : 'it is not a zip archive, as a .keras file is' };
}

/** The superblock says where the file ends. It is written when the file is closed, so one of a program that died has none or a wrong one. */
function hdf5Problem({ sizeBytes }: FileEntry, head: Buffer): string | null {
  if (!head.subarray(0, signature.length).equals(signature)) return 'it does not begin as an HDF5 file does';
  const end = endOfFile(head);
  if (end === undefined) return 'its HDF5 superblock can\'t be read';
  if (end > BigInt(sizeBytes)) return `it is cut off: it holds ${sizeBytes} of ${end} bytes`;
  return null;
}

function endOfFile(head: Buffer): bigint | undefined {
  const version = head[8] ?? 255;
  const isOld = version <= 1;
  const offsetBytes = head[isOld ? 13 : 9];
  if (version > 3 || offsetBytes !== 8) return undefined; // every program in use writes offsets of 8 bytes
  const at = { 0: 24 + 16, 1: 28 + 16 }[version] ?? 12 + 16;
  return head.length >= at + 8 ? head.readBigUInt64LE(at) : undefined;
}
