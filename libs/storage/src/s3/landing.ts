// How does a copy from another store grow below a prefix of a bucket?
import type { Arriving, Landed, Landing } from '../between/landing.ts';
import { piecesOf, placeOf } from '../between/landing.ts';
import { CopyFailed, type CopyReport } from '../storage.ts';
import type { Bucket } from './bucket.ts';
import { copyFailure } from './copy-failure.ts';
import { Notes, type Begun, type Entry } from './notes.ts';
import { complete } from './parts.ts';
import { keyBytesMax, type Places } from './places.ts';
import { earlierReport, targetExists } from './receipt.ts';
import { Target } from './target.ts';

/** By the rules of a copy within the store (copy-folder.ts): hidden by a note, and whatever is there under a noted name is of the noted content. */
export class S3Landing implements Landing {
  readonly #target: Target;
  #notes: Notes | undefined;
  #known = new Map<string, Entry>();
  /** Listed when this copier began. */
  #there = new Map<string, Entry>();
  /** In parts, by path: begun by a former copier or by this one. */
  readonly #uploads = new Map<string, Promise<Begun>>();
  /** Of parts: no store says that they are MD5 sums. */
  readonly #etags = new Map<string, string[]>();

  constructor(
    private readonly bucket: Bucket,
    private readonly places: Places,
    private readonly path: string,
    private readonly request: string,
  ) {
    this.#target = new Target(bucket, places, path);
  }

  async begin(): Promise<CopyReport | undefined> {
    const { bucket, places, path: target } = this;
    const earlier = await earlierReport({ bucket, places, target }, this.request);
    if (earlier !== undefined) return earlier;
    for (;;) {
      const isNoted = (await bucket.getText(places.request(target))) !== undefined;
      if (!isNoted && (await this.#target.list()).size > 0) throw targetExists(target);
      this.#notes = await Notes.begin(bucket, places, target, this.request);
      if (this.#notes?.isOld === true) await this.#goOn(this.#notes);
      if (this.#notes !== undefined) return undefined;
      await this.clear(); // of another request that nobody goes on with
    }
  }

  async #goOn(notes: Notes): Promise<void> {
    this.#known = await notes.read();
    this.#there = await this.#target.list();
    for (const begun of await Notes.uploads(this.bucket, this.places, this.path)) this.#uploads.set(begun.path, Promise.resolve(begun));
  }

  refuses(path: string): string | undefined {
    const bytes = Buffer.byteLength(this.#target.key(path));
    return bytes > keyBytesMax ? `would be ${bytes} bytes long with its folders, and a store holds ${keyBytesMax}` : undefined;
  }

  async expect(files: readonly Arriving[]): Promise<ReadonlyMap<string, Landed>> {
    const isNoted = ({ path, etag }: Arriving): boolean => this.#known.get(path)?.etag === etag;
    await this.#makeRoom(files.filter((file) => !isNoted(file) && (this.#known.has(file.path) || this.#there.has(file.path))).map(({ path }) => path));
    const added = files.filter((file) => !isNoted(file));
    await this.#notes!.add(added);
    for (const file of added) this.#known.set(file.path, file);
    const landed = new Map<string, Landed>();
    for (const file of files) {
      const there = this.#there.get(file.path);
      if (there?.sizeBytes === file.sizeBytes) landed.set(file.path, { pieces: new Map(), whole: there.etag });
      else if (this.#uploads.has(file.path)) landed.set(file.path, { pieces: await this.#partsOf(file) });
    }
    return landed;
  }

  async #partsOf(file: Arriving): Promise<ReadonlyMap<number, string>> {
    const { uploadId } = await this.#uploads.get(file.path)!;
    const parts = await this.bucket.parts(this.#target.key(file.path), uploadId);
    if (parts === undefined) this.#uploads.delete(file.path);
    const right = (parts ?? []).filter(({ number, sizeBytes }) => number <= piecesOf(file) && sizeBytes === placeOf(file, number - 1).length);
    this.#etags.set(file.path, right.reduce<string[]>((etags, { number, etag }) => Object.assign(etags, { [number - 1]: etag }), []));
    return new Map(right.map(({ number, etag }) => [number - 1, etag]));
  }

  async land(file: Arriving, piece: number, bytes: Buffer, sum: string): Promise<void> {
    const headers = { 'content-md5': Buffer.from(sum, 'hex').toString('base64') };
    const key = this.#target.key(file.path);
    if (piecesOf(file) === 1) return this.bucket.put(key, bytes, headers);
    const { uploadId } = await this.#uploadOf(file);
    const etag = await this.bucket.putPart(key, uploadId, piece + 1, bytes, headers);
    const etags = this.#etags.get(file.path) ?? [];
    etags[piece] = etag;
    this.#etags.set(file.path, etags);
  }

  /** Noted before its first part. */
  #uploadOf({ path, etag }: Arriving): Promise<Begun> {
    const begin = async (): Promise<Begun> => {
      const begun = { path, etag, uploadId: await this.bucket.beginUpload(this.#target.key(path)) };
      await this.#notes!.addUpload(begun);
      return begun;
    };
    const upload = this.#uploads.get(path) ?? begin();
    this.#uploads.set(path, upload);
    return upload;
  }

  async close(file: Arriving, sums: readonly string[]): Promise<void> {
    if (sums.length === 1) return;
    const { uploadId } = await this.#uploadOf(file);
    await complete(this.bucket, this.#target.key(file.path), uploadId, this.#etags.get(file.path)!, file.sizeBytes);
    this.#etags.delete(file.path);
    this.#uploads.delete(file.path);
  }

  async drop(files: readonly Arriving[]): Promise<void> {
    await this.#makeRoom(files.map(({ path }) => path));
  }

  async #makeRoom(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    await this.#target.remove(paths);
    await this.#target.abort(paths.filter((path) => this.#uploads.has(path)));
    for (const path of paths) {
      this.#uploads.delete(path);
      this.#etags.delete(path);
      this.#there.delete(path);
    }
  }

  async there(): Promise<ReadonlyMap<string, number>> {
    return new Map([...(await this.#target.list())].map(([path, { sizeBytes }]) => [path, sizeBytes]));
  }

  async show(report: CopyReport): Promise<CopyReport> {
    const { bucket, places, path: target } = this;
    await this.#target.endUploads(this.#largePaths());
    if (!(await bucket.putFirst(places.receipt(target), Buffer.from(JSON.stringify({ request: this.request, report }))))) {
      const earlier = await earlierReport({ bucket, places, target }, this.request);
      if (earlier === undefined) throw targetExists(target);
      return earlier;
    }
    await Notes.end(bucket, places, target);
    return report;
  }

  async clear(): Promise<void> {
    await this.#target.clear(this.#largePaths());
    this.#known.clear();
    this.#there.clear();
    this.#uploads.clear();
    this.#etags.clear();
  }

  failure(error: unknown): unknown {
    return error instanceof CopyFailed ? error : copyFailure(error);
  }

  #largePaths(): string[] {
    return [...this.#known.values()].filter((file) => piecesOf(file) > 1).map(({ path }) => path);
  }
}
