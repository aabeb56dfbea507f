// What does a copy write down before it copies, so that the next copier can go on?
import { createHash } from 'node:crypto';
import type { Bucket } from './bucket.ts';
import type { Places } from './places.ts';

/** An object of the source; a path that ends with a slash is a folder that is kept by an empty object. */
export interface Entry {
  readonly path: string;
  readonly sizeBytes: number;
  readonly etag: string;
}

export function isFolder({ path }: Entry): boolean {
  return path.endsWith('/');
}

/** An upload in parts into the target. */
export interface Begun {
  readonly path: string;
  /** Of the content that is copied by it. */
  readonly etag: string;
  readonly uploadId: string;
}

/**
 * The manifest, page by page, each written before the first of its objects is copied. Together with the rule that an object of the target goes before its note
 * changes, whatever is in the target under a noted name is a copy of exactly the noted content.
 */
export class Notes {
  #pages = 0;

  private constructor(
    private readonly bucket: Bucket,
    private readonly places: Places,
    private readonly target: string,
    /** There was a copier before this one. */
    readonly isOld: boolean,
  ) {}

  /** Hides the target, unless a former copier with the same request did; undefined when one with another request did. */
  static async begin(bucket: Bucket, places: Places, target: string, request: string): Promise<Notes | undefined> {
    const key = places.request(target);
    const earlier = await bucket.getText(key);
    if (earlier === undefined && (await bucket.putFirst(key, Buffer.from(request)))) return new Notes(bucket, places, target, false);
    return (earlier ?? (await bucket.getText(key))) === request ? new Notes(bucket, places, target, true) : undefined;
  }

  async add(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    this.#pages += 1;
    const rows = entries.map(({ path, sizeBytes, etag }) => [path, sizeBytes, etag]);
    await this.bucket.put(this.places.page(this.target, this.#pages), Buffer.from(JSON.stringify(rows)));
  }

  /** Before its first part: whoever comes later goes on with it, or gives it up, also where a store doesn't list uploads below a prefix. */
  async addUpload(begun: Begun): Promise<void> {
    const name = createHash('sha256').update(begun.path).digest('hex').slice(0, 32);
    await this.bucket.put(this.places.upload(this.target, name), Buffer.from(JSON.stringify(begun)));
  }

  /** Of former copiers, and of this one. */
  static async uploads(bucket: Bucket, places: Places, target: string): Promise<Begun[]> {
    const found: Begun[] = [];
    for await (const { key } of bucket.objects(places.notes(target))) {
      const text = places.isUpload(key) ? await bucket.getText(key) : undefined;
      if (text !== undefined) found.push(JSON.parse(text) as Begun);
    }
    return found;
  }

  /** Of a former copier; later ones hold. */
  async read(): Promise<Map<string, Entry>> {
    const { known, pages } = await Notes.known(this.bucket, this.places, this.target);
    this.#pages = pages;
    return known;
  }

  static async known(bucket: Bucket, places: Places, target: string): Promise<{ known: Map<string, Entry>; pages: number }> {
    const known = new Map<string, Entry>();
    for (let pages = 0; ; pages += 1) {
      const text = await bucket.getText(places.page(target, pages + 1));
      if (text === undefined) return { known, pages };
      for (const [path, sizeBytes, etag] of JSON.parse(text) as [string, number, string][]) known.set(path, { path, sizeBytes, etag });
    }
  }

  /** The last step shows the target. */
  static async end(bucket: Bucket, places: Places, target: string): Promise<void> {
    const request = places.request(target);
    const pages: string[] = [];
    for await (const { key } of bucket.objects(places.notes(target))) if (key !== request) pages.push(key);
    await bucket.delete(pages);
    await bucket.delete([request]);
  }
}
