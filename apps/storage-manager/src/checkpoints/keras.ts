// Is it a checkpoint of Keras, and is it whole?
import type { FileEntry } from '#storage';
import { hdf5Problem } from './hdf5.ts';
import { oneFile, type Finding, type Look } from './recogniser.ts';
import { stepOf } from './step-of.ts';
import { examineZip, isZip } from './zip.ts';

/** HDF5 (`.h5`, `.hdf5`, `.weights.h5`) and the zip archive `.keras`. */
export const keras = oneFile('keras', /\.(h5|hdf5|keras)$/i, examine);

async function examine(file: FileEntry, look: Look): Promise<Finding | null> {
  const step = stepOf(file.path);
  if (file.sizeBytes === 0) return { step, problem: 'it is empty' };
  if (!/\.keras$/i.test(file.path)) return { step, problem: await hdf5Problem(file, look.peek) };
  const head = await look.peek(file, 0, Math.min(4, file.sizeBytes));
  return isZip(head) ? { step, ...(await examineZip(file, look)) } : { step, problem: 'it is not a zip archive, as a .keras file is' };
}
