// How does a folder of objects travel as one stream?
import type { Readable } from 'node:stream';
import type { FileEntry } from '../storage.ts';
import { end, headerOf, padding, zeros } from '../tar.ts';

const fileMode = 0o644;
const folderMode = 0o755;

export interface Archived {
  readonly entry: FileEntry;
  /** Undefined when it has gone meanwhile. */
  readonly open: () => Promise<Readable | undefined>;
}

/** `folders` are those that nothing else tells of. */
export async function* blocksOf(folders: readonly FileEntry[], files: AsyncIterable<Archived>): AsyncGenerator<Buffer> {
  for (const { path, modifiedAt } of folders) yield* headerOf(`${path}/`, { mode: folderMode, mtimeMs: Date.parse(modifiedAt) }, 'Directory', 0);
  for await (const { entry: { path, sizeBytes, modifiedAt }, open } of files) {
    const content = await open();
    if (content === undefined) continue;
    yield* headerOf(path, { mode: fileMode, mtimeMs: Date.parse(modifiedAt) }, 'File', sizeBytes);
    let missing = sizeBytes;
    for await (const chunk of content) {
      const wanted = (chunk as Buffer).subarray(0, missing);
      missing -= wanted.length;
      yield wanted;
    }
    yield* zeros(missing + padding(sizeBytes));
  }
  yield end;
}
