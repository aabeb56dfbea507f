// How far is a copy?
import type { CopyProgress } from '../storage.ts';
import { isFolder, type Entry } from './notes.ts';

/** Grows while the source is still being listed. What turns out to be other content, or gone, is taken back, so that at the end all is done and nothing twice. */
export class Tally {
  #files = 0;
  #bytes = 0;
  #filesDone = 0;
  #bytesDone = 0;
  /** Of objects that are done or, in parts, under way. */
  readonly #bytesOf = new Map<string, number>();
  readonly #finished = new Set<string>();

  plan(entry: Entry): void {
    if (!isFolder(entry)) this.#files += 1;
    this.#bytes += entry.sizeBytes;
  }

  add({ path }: Entry, bytes: number): void {
    this.#bytesOf.set(path, (this.#bytesOf.get(path) ?? 0) + bytes);
    this.#bytesDone += bytes;
  }

  finish(entry: Entry): void {
    this.add(entry, entry.sizeBytes - (this.#bytesOf.get(entry.path) ?? 0));
    if (isFolder(entry)) return;
    this.#finished.add(entry.path);
    this.#filesDone += 1;
  }

  forget(entry: Entry): void {
    const { path } = entry;
    if (!isFolder(entry)) this.#files -= 1;
    this.#bytes -= entry.sizeBytes;
    this.#bytesDone -= this.#bytesOf.get(path) ?? 0;
    this.#bytesOf.delete(path);
    if (this.#finished.delete(path)) this.#filesDone -= 1;
  }

  get progress(): CopyProgress {
    return { filesDone: this.#filesDone, files: this.#files, bytesDone: this.#bytesDone, bytes: this.#bytes };
  }
}
