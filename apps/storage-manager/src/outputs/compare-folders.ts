// Which files differ between two outputs paths?
import type { FileDifference, FilesComparison } from '#contracts';
import { Refusal } from '#decider';
import type { FileEntry, FileTree } from '#storage';

const filesMax = 100_000;
const namedMax = 1000;
/** Of files as large as each other so much is read; someone waits for the answer. */
const readBytesMax = 512 * 1024 * 1024;

/** In a store of its own, maybe. */
export interface ComparedFolder {
  readonly tree: FileTree;
  readonly folder: string;
}

/** By size, then by content; what there was no time to read is `unknown`, never taken for the same. */
export async function compareFolders(before: ComparedFolder, after: ComparedFolder): Promise<FilesComparison> {
  const [was, is] = [await filesOf(before), await filesOf(after)];
  const counts = { added: 0, removed: 0, changed: 0, unknown: 0, same: 0 };
  const files: FileDifference[] = [];
  let left = readBytesMax;
  for (const path of [...new Set([...was.keys(), ...is.keys()])].sort()) {
    const [one, other] = [was.get(path), is.get(path)];
    let change: FileDifference['change'] | 'same' = !one ? 'added' : !other ? 'removed' : 'changed';
    if (one && other && one.sizeBytes === other.sizeBytes) {
      left -= one.sizeBytes;
      change = left < 0 ? 'unknown' : (await hasSameContent(before, after, path)) ? 'same' : 'changed';
    }
    counts[change] += 1;
    if (change !== 'same' && files.length < namedMax) files.push({ path, change, before_bytes: one?.sizeBytes ?? null, after_bytes: other?.sizeBytes ?? null });
  }
  return { files, ...counts };
}

async function filesOf({ tree, folder }: ComparedFolder): Promise<Map<string, FileEntry>> {
  const files = new Map<string, FileEntry>();
  for await (const file of tree.list(folder)) {
    if (files.size >= filesMax) throw new Refusal('request-invalid', `${folder} holds more than ${filesMax} files: too many to compare`);
    files.set(file.path, file);
  }
  return files;
}

/** Until the first difference; a file that is gone meanwhile is different. */
async function hasSameContent(one: ComparedFolder, other: ComparedFolder, path: string): Promise<boolean> {
  try {
    const [left, right] = [await one.tree.read(`${one.folder}/${path}`), await other.tree.read(`${other.folder}/${path}`)];
    try {
      return await isSame(left[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>, right[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>);
    } finally {
      left.destroy();
      right.destroy();
    }
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Their chunks need not be as long as each other's. */
async function isSame(left: AsyncIterator<Buffer, undefined>, right: AsyncIterator<Buffer, undefined>): Promise<boolean> {
  let [one, other]: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  for (;;) {
    if (one.length === 0) one = await next(left);
    if (other.length === 0) other = await next(right);
    if (one.length === 0 || other.length === 0) return one.length === other.length;
    const length = Math.min(one.length, other.length);
    if (!one.subarray(0, length).equals(other.subarray(0, length))) return false;
    [one, other] = [one.subarray(length), other.subarray(length)];
  }
}

async function next(chunks: AsyncIterator<Buffer, undefined>): Promise<Buffer> {
  for (;;) {
    const chunk = await chunks.next();
    if (chunk.done) return Buffer.alloc(0);
    if (chunk.value.length > 0) return chunk.value;
  }
}
