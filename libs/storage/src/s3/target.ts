// What is in the target of a copy, and how does it go?
import type { Bucket } from './bucket.ts';
import { Notes, type Entry } from './notes.ts';
import type { Places } from './places.ts';
import { abortUploads, abortUploadsInto } from './uploads.ts';

export class Target {
  readonly #folder: string;

  constructor(
    private readonly bucket: Bucket,
    private readonly places: Places,
    private readonly path: string,
  ) {
    this.#folder = places.folder(path);
  }

  key(path: string): string {
    return this.#folder + path;
  }

  async list(): Promise<Map<string, Entry>> {
    const found = new Map<string, Entry>();
    for await (const { key, sizeBytes, etag } of this.bucket.objects(this.#folder)) {
      const path = key.slice(this.#folder.length);
      if (path !== '') found.set(path, { path, sizeBytes, etag });
    }
    return found;
  }

  async remove(paths: readonly string[]): Promise<void> {
    await this.bucket.delete(paths.map((path) => this.key(path)));
  }

  async abort(paths: readonly string[]): Promise<void> {
    await abortUploads(this.bucket, paths.map((path) => this.key(path)));
  }

  /** A beginning whose answer was lost is one that no note tells of: the keys of large objects are looked at. */
  async endUploads(large: readonly string[]): Promise<void> {
    if (large.length > 0) await abortUploadsInto(this.bucket, this.places, this.path, large);
  }

  /** Hidden to the end. */
  async clear(large: readonly string[]): Promise<void> {
    await this.endUploads(large);
    const keys: string[] = [];
    for await (const { key } of this.bucket.objects(this.#folder)) keys.push(key);
    await this.bucket.delete(keys.reverse());
    await Notes.end(this.bucket, this.places, this.path);
  }
}
