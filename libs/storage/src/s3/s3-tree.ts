// How is what lies below a prefix of a bucket a tree of files?
import { Readable } from 'node:stream';
import { checkPath, isOurs, notFound, refused } from '../paths.ts';
import type { Children, CopyOptions, CopyReport, FileEntry, FileTree, StoreProblem, Usage } from '../storage.ts';
import { zipped } from '../tar.ts';
import type { StoredObject } from './answers.ts';
import { blocksOf, type Archived } from './archive.ts';
import { Bucket } from './bucket.ts';
import { isPassing, codeOf, type S3Settings } from './connection.ts';
import { copyFolder } from './copy-folder.ts';
import { S3Landing } from './landing.ts';
import { Notes } from './notes.ts';
import { copyInParts, goesInParts, mayBeInParts, partSizesDefault, upload, type PartSizes } from './parts.ts';
import { isWithinOurs, Places } from './places.ts';
import { problemOf } from './store-problem.ts';
import { abortOldUploads, abortUploadsInto } from './uploads.ts';

const readTries = 5;
/** So much is read at once, not as a stream. */
const pieceBytesMax = 64 * 1024;

export class S3Tree implements FileTree {
  readonly root: string;
  readonly #bucket: Bucket;
  readonly #places: Places;
  /** Targets of the copies under way in this process. */
  readonly #copying = new Map<string, Promise<unknown>>();

  constructor(
    private readonly settings: S3Settings,
    private readonly sizes: PartSizes = partSizesDefault,
  ) {
    this.root = `s3://${settings.bucket}${settings.prefix === '' ? '' : `/${settings.prefix}`}`;
    this.#bucket = new Bucket(settings);
    this.#places = new Places(settings.prefix);
  }

  async problem(): Promise<StoreProblem | undefined> {
    return this.#bucket.look().then(() => undefined, (error: unknown) => problemOf(error, this.settings));
  }

  async *list(folder: string): AsyncGenerator<FileEntry> {
    const from = this.#folder(folder);
    for await (const object of this.#visible(folder)) if (!object.key.endsWith('/')) yield entryOf(object, object.key.slice(from.length));
  }

  async children(folder: string): Promise<Children> {
    const from = this.#folder(folder);
    const unfinished = await this.#places.unfinished(this.#bucket);
    const files: { name: string; sizeBytes: number }[] = [];
    const folders: string[] = [];
    const isShown = (name: string): boolean => name !== '' && !isOurs(name) && !unfinished.hides(folder === '' ? name : `${folder}/${name}`);
    for await (const { objects, prefixes } of this.#bucket.pages(from, '/')) {
      for (const { key, sizeBytes } of objects) if (isShown(key.slice(from.length)) && !key.endsWith('/')) files.push({ name: key.slice(from.length), sizeBytes });
      folders.push(...prefixes.map((prefix) => prefix.slice(from.length, -1)).filter(isShown));
    }
    return { files, folders };
  }

  async exists(folder: string): Promise<boolean> {
    this.#folder(folder);
    if (folder === '') return (await this.problem()) === undefined;
    for await (const _ of this.#visible(folder)) return true;
    return false;
  }

  async isEmpty(folder: string): Promise<boolean> {
    for await (const _ of this.list(folder)) return false;
    return true;
  }

  async usage(folder: string): Promise<Usage> {
    let [files, sizeBytes] = [0, 0];
    for await (const entry of this.list(folder)) {
      files += 1;
      sizeBytes += entry.sizeBytes;
    }
    return { files, sizeBytes, skippedLinks: 0 };
  }

  async stat(path: string): Promise<FileEntry | null> {
    const key = this.#file(path);
    const [found, unfinished] = await Promise.all([this.#bucket.head(key), this.#places.unfinished(this.#bucket)]);
    return found === undefined || unfinished.hides(path) ? null : entryOf(found, path);
  }

  async read(path: string, range: { readonly start?: number; readonly end?: number } = {}): Promise<Readable> {
    const key = this.#file(path);
    const { start = 0, end } = range;
    const isPiece = end !== undefined && end >= start && end - start < pieceBytesMax;
    const piece = isPiece ? this.#bucket.piece(key, start, end) : undefined;
    const [unfinished, read] = await Promise.all([this.#places.unfinished(this.#bucket), piece]);
    if (unfinished.hides(path)) throw notFound(path);
    const content = isPiece ? read && Readable.from([read], { objectMode: false }) : await this.#open(key, start, end);
    if (content === undefined) throw notFound(path);
    return content;
  }

  async link(path: string, seconds: number): Promise<string> {
    return this.#bucket.presign(this.#file(path), seconds);
  }

  async write(path: string, content: Readable | Uint8Array): Promise<FileEntry> {
    const key = this.#file(path);
    if (content instanceof Uint8Array) await this.#bucket.put(key, Buffer.from(content.buffer, content.byteOffset, content.byteLength));
    else await upload(this.#bucket, key, content);
    const written = await this.#bucket.head(key);
    if (written === undefined) throw notFound(path); // removed at once by somebody else
    return entryOf(written, path);
  }

  async makeFolder(folder: string): Promise<void> {
    const key = this.#folder(folder);
    if (folder !== '') await this.#bucket.put(key, Buffer.alloc(0));
  }

  /** Copied within the store, then deleted: at no moment is it nowhere. */
  async move(path: string, to: string): Promise<void> {
    const [from, target] = [this.#file(path), this.#file(to)];
    const moved: string[] = [];
    const one = await this.#bucket.head(from);
    if (one !== undefined) moved.push(await this.#copied(one, from, target));
    for await (const object of this.#bucket.objects(`${from}/`)) moved.push(await this.#copied(object, object.key, target + object.key.slice(from.length)));
    await this.#bucket.delete(moved.reverse());
  }

  async #copied({ etag, sizeBytes }: StoredObject, from: string, to: string): Promise<string> {
    const source = { key: from, etag, sizeBytes };
    if (!goesInParts(this.sizes, sizeBytes, this.#bucket)) await this.#bucket.copy(source, to);
    else await copyInParts(this.#bucket, source, to, { sizes: this.sizes, earlier: undefined, onBegun: async () => undefined, onPart: () => undefined, stopIfCancelled: () => undefined });
    return from;
  }

  /** The innermost first, and what hides an unfinished copy last. */
  async remove(folder: string): Promise<void> {
    const from = this.#folder(folder);
    if (folder === '') throw refused(folder, 'is everything there is');
    const { known } = await Notes.known(this.#bucket, this.#places, folder);
    const large = [...known.values()].filter(({ sizeBytes }) => mayBeInParts(this.sizes, sizeBytes));
    await abortUploadsInto(this.#bucket, this.#places, folder, large.map(({ path }) => path));
    await this.#removeBelow(from);
    await this.#bucket.delete([this.#places.receipt(folder), this.#places.claim(folder)]);
    const hidden = this.#places.notes(folder);
    if ((await this.#bucket.getText(this.#places.request(folder))) !== undefined) await Notes.end(this.#bucket, this.#places, folder);
    await this.#removeBelow(hidden);
  }

  async archive(folder: string): Promise<Readable> {
    const from = this.#folder(folder);
    const folders: FileEntry[] = [];
    for await (const object of this.#visible(folder)) {
      if (object.key.endsWith('/') && object.key !== from) folders.push(entryOf(object, object.key.slice(from.length, -1)));
    }
    return zipped(blocksOf(folders, this.#archived(folder)));
  }

  /** A second call for the same target waits for the first, and then finds the copy. */
  async copyFolder(source: string, target: string, options: CopyOptions = {}): Promise<CopyReport> {
    for (const path of options.select?.files ?? []) checkPath(path, 'file');
    for (const path of options.select?.folders ?? []) checkPath(path, 'folder');
    if (target === '' || isWithin(source, target) || isWithin(target, source)) throw refused(target, 'and its source are within one another');
    for (const path of [source, target]) checkPath(path, 'folder');
    const copy = { bucket: this.#bucket, places: this.#places, source, target, sizes: this.sizes };
    const earlier = this.#copying.get(target) ?? Promise.resolve();
    const copying = earlier.catch(() => undefined).then(async () => copyFolder(copy, options));
    this.#copying.set(target, copying);
    try {
      return await copying;
    } finally {
      if (this.#copying.get(target) === copying) this.#copying.delete(target);
    }
  }

  landing(target: string, { request }: { readonly request: string }): S3Landing {
    return new S3Landing(this.#bucket, this.#places, target, request);
  }

  async tidy(before: string): Promise<number> {
    return abortOldUploads(this.#bucket, this.#places, before);
  }

  async *#visible(folder: string): AsyncGenerator<StoredObject> {
    const from = this.#folder(folder);
    const unfinished = await this.#places.unfinished(this.#bucket);
    if (unfinished.hides(folder)) return;
    for await (const object of this.#bucket.objects(from)) {
      const path = this.#places.pathOf(object.key);
      if (!isWithinOurs(path) && !unfinished.hides(path)) yield object;
    }
  }

  async *#archived(folder: string): AsyncGenerator<Archived> {
    const from = this.#folder(folder);
    for await (const entry of this.list(folder)) yield { entry, open: async () => this.#open(from + entry.path, 0) };
  }

  /** A connection that breaks in the middle is taken up where it broke, as long as it is the same content. */
  async #open(key: string, start: number, end?: number): Promise<Readable | undefined> {
    const rangeFrom = (position: number): string | undefined => (position === 0 && end === undefined ? undefined : `bytes=${position}-${end ?? ''}`);
    const bucket = this.#bucket;
    const first = await bucket.get(key, rangeFrom(start)).catch((error: unknown) => {
      if (codeOf(error) === 'InvalidRange') return Readable.from([]);
      throw error;
    });
    if (first === undefined || !('headers' in first)) return first;
    const etag = String(first.headers.etag ?? '').replaceAll('"', '');
    async function* content(): AsyncGenerator<Buffer> {
      let position = start;
      let stream: Readable | undefined = first;
      for (let tries = 1; ; tries += 1) {
        try {
          for await (const chunk of stream ?? []) {
            position += (chunk as Buffer).length;
            yield chunk as Buffer;
          }
          return;
        } catch (error) {
          if (!isPassing(error) || tries === readTries) throw error;
          stream = await bucket.get(key, rangeFrom(position), etag);
        }
      }
    }
    return Readable.from(content(), { objectMode: false });
  }

  async #removeBelow(from: string): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.#bucket.objects(from)) keys.push(key);
    await this.#bucket.delete(keys.reverse());
  }

  #folder(folder: string): string {
    return this.#places.folder(checkPath(folder, 'folder'));
  }

  #file(path: string): string {
    return this.#places.file(checkPath(path, 'file'));
  }
}

function entryOf({ sizeBytes, etag, modifiedAt }: StoredObject, path: string): FileEntry {
  return { path, sizeBytes, modifiedAt, version: etag };
}

function isWithin(outer: string, path: string): boolean {
  return outer === '' || path === outer || path.startsWith(`${outer}/`);
}
