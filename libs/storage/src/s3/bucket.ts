// What can be asked of one bucket?
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Client } from 'minio';
import { etagOf, newEtagOf, objectPageOf, partsOf, undeletedOf, uploadIdOf, uploadsOf, wholeSeconds, type ObjectPage, type Part, type StoredObject, type Upload } from './answers.ts';
import { codeOf, connect, type S3Settings } from './connection.ts';
import { encoded, queryOf } from './encoding.ts';
import { Joining } from './joining.ts';
import { Pace, type Asked } from './pace.ts';
import { Requests, type Question } from './requests.ts';

const deletedAtOnce = 1000;
/** As long as a name may be; nobody has it. */
const longest = '.look.polyaxon.tmp/'.repeat(53);
const absentCodes = new Set(['NoSuchKey', 'NotFound', 'NoSuchUpload']);

export interface Source {
  readonly key: string;
  /** Of the content that is meant: another one is refused. */
  readonly etag: string;
}

export interface PartCopy {
  readonly key: string;
  readonly uploadId: string;
  readonly number: number;
  readonly start: number;
  readonly end: number;
  readonly isDoubtful: boolean;
}

/** Keys go in and out as they are. Whatever passes by itself is tried again, at the pace that the store allows. */
export class Bucket {
  readonly name: string;
  readonly pace: Pace;
  readonly joining = new Joining();
  /** For what is long: it is read and written as a stream. */
  private readonly client: Client;
  readonly #requests: Requests;

  constructor(settings: S3Settings) {
    this.name = settings.bucket;
    this.pace = new Pace(settings.onSlowDown);
    this.client = connect(settings);
    this.#requests = new Requests(this.client, settings);
  }

  /** Without another try: whoever asks wants to know how the store is now. Two kilobytes go there and come back: a way that is too narrow for them is too narrow for work. */
  async look(): Promise<void> {
    await this.#said({ method: 'GET', query: { 'list-type': '2', 'max-keys': '1', prefix: longest, 'start-after': longest } });
  }

  /** All below a prefix, in the order of their keys. */
  async *pages(prefix: string, delimiter = ''): AsyncGenerator<ObjectPage> {
    let next: string | undefined;
    do {
      const query = { 'list-type': '2', 'encoding-type': 'url', prefix, ...(delimiter !== '' && { delimiter }), ...(next !== undefined && { 'continuation-token': next }) };
      const page = objectPageOf(await this.#ask({ method: 'GET', query }));
      yield page;
      next = page.next;
    } while (next !== undefined);
  }

  async *objects(prefix: string): AsyncGenerator<StoredObject> {
    for await (const { objects } of this.pages(prefix)) yield* objects;
  }

  /** With what else is kept about it, in `headers`. */
  async head(key: string): Promise<(StoredObject & { readonly headers: IncomingHttpHeaders }) | undefined> {
    const found = await unlessAbsent(this.pace.run(async () => {
      const response = await this.#send({ method: 'HEAD', key });
      response.resume();
      return response.headers;
    }));
    return found && { ...describe(key, found), headers: found };
  }

  /** `range` as in the HTTP header. */
  async get(key: string, range?: string, etag?: string): Promise<IncomingMessage | undefined> {
    const headers = { ...(range !== undefined && { range }), ...(etag !== undefined && { 'if-match': `"${etag}"` }) };
    return unlessAbsent(this.pace.run(() => this.#send({ method: 'GET', key, headers, statuses: [200, 206] })));
  }

  /** Of a small piece, within one try; undefined when nothing is there. Empty beyond the end. */
  async piece(key: string, start: number, end: number): Promise<Buffer | undefined> {
    const asked = this.pace.run(() => this.#requests.bytes({ method: 'GET', key, headers: { range: `bytes=${start}-${end}` }, statuses: [200, 206] }), { kind: 'GET' });
    return unlessAbsent(asked).catch((error: unknown) => {
      if (codeOf(error) === 'InvalidRange') return Buffer.alloc(0);
      throw error;
    });
  }

  /** The whole answer within one try, so that a connection that breaks in the middle is no failure; undefined when it isn't this content any more. */
  async digest<Answer>({ key, etag }: Source, range: string | undefined, take: (content: IncomingMessage) => Promise<Answer>): Promise<Answer | undefined> {
    const headers = { 'if-match': `"${etag}"`, ...(range !== undefined && { range }) };
    const asked = this.pace.run(async () => take(await this.#send({ method: 'GET', key, headers, statuses: [200, 206] })));
    return unlessAbsent(asked).catch((error: unknown) => {
      if (isPreconditionFailed(error)) return undefined;
      throw error;
    });
  }

  /** Signed here: the store isn't asked. Never of a type that a browser would run. */
  presign(key: string, seconds: number): Promise<string> {
    const answer = { 'response-content-type': 'application/octet-stream', 'response-content-disposition': 'attachment' };
    return this.client.presignedGetObject(this.name, key, seconds, answer);
  }

  async getText(key: string): Promise<string | undefined> {
    return unlessAbsent(this.#ask({ method: 'GET', key }));
  }

  async put(key: string, body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#ask({ method: 'PUT', key, body, headers });
  }

  /** False when there is something already; of many who try at once, one succeeds. */
  async putFirst(key: string, body: Buffer): Promise<boolean> {
    try {
      await this.put(key, body, { 'if-none-match': '*' });
      return true;
    } catch (error) {
      if (!isPreconditionFailed(error) && codeOf(error) !== 'ConditionalRequestConflict') throw error;
      return (await this.getText(key)) === body.toString(); // our own first try, whose answer was lost
    }
  }

  /** Over the content with that ETag alone, or (null) over nothing: the new ETag, or undefined when something else is there. Says the same when its own first try is repeated. */
  async putOver(key: string, body: Buffer, over: string | null, headers: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
    const condition: Record<string, string> = over === null ? { 'if-none-match': '*' } : { 'if-match': `"${over}"` };
    try {
      return await this.pace.run(async () => {
        const response = await this.#send({ method: 'PUT', key, body, headers: { ...headers, ...condition } });
        response.resume();
        return etagOf(response.headers.etag ?? '');
      });
    } catch (error) {
      if (!isPreconditionFailed(error) && codeOf(error) !== 'ConditionalRequestConflict' && !isAbsent(error)) throw error;
      const there = await this.getWhole(key);
      return there?.body.equals(body) === true ? there.etag : undefined;
    }
  }

  /** Of what is small. */
  async getWhole(key: string): Promise<{ readonly body: Buffer; readonly etag: string } | undefined> {
    return unlessAbsent(this.pace.run(async () => {
      const response = await this.#send({ method: 'GET', key });
      return { body: await buffer(response), etag: etagOf(response.headers.etag ?? '') };
    }));
  }

  async copy(source: Source, key: string, signal?: AbortSignal): Promise<string> {
    const headers = { 'x-amz-copy-source': this.#placeOf(source.key), 'x-amz-copy-source-if-match': `"${source.etag}"` };
    return this.#ask({ method: 'PUT', key, headers }, newEtagOf, { signal, kind: 'copy' });
  }

  async delete(keys: readonly string[]): Promise<void> {
    const batches = Array.from({ length: Math.ceil(keys.length / deletedAtOnce) }, (_, index) => keys.slice(index * deletedAtOnce, (index + 1) * deletedAtOnce));
    await Promise.all(batches.map(async (batch) => {
      const body = Buffer.from(`<Delete><Quiet>true</Quiet>${batch.map((key) => `<Object><Key>${escaped(key)}</Key></Object>`).join('')}</Delete>`);
      const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
      await this.#ask({ method: 'POST', query: { delete: '' }, headers, body }, (xml) => {
        const [error] = undeletedOf(xml);
        if (error !== undefined) throw error;
      });
    }));
  }

  async *uploads(prefix: string): AsyncGenerator<Upload> {
    let next: { key: string; id: string } | undefined;
    do {
      const query = { uploads: '', prefix, ...(next !== undefined && { 'key-marker': next.key, 'upload-id-marker': next.id }) };
      const page = uploadsOf(await this.#ask({ method: 'GET', query }));
      yield* page.uploads;
      next = page.next;
    } while (next !== undefined);
  }

  async beginUpload(key: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.#ask({ method: 'POST', key, query: { uploads: '' }, headers }, uploadIdOf);
  }

  /** Undefined when the upload is gone. */
  async parts(key: string, uploadId: string): Promise<Part[] | undefined> {
    const found: Part[] = [];
    let next: string | undefined;
    do {
      const query = { uploadId, ...(next !== undefined && { 'part-number-marker': next }) };
      const page = await unlessAbsent(this.#ask({ method: 'GET', key, query }, partsOf));
      if (page === undefined) return undefined;
      found.push(...page.parts);
      next = page.next;
    } while (next !== undefined);
    return found;
  }

  async putPart(key: string, uploadId: string, number: number, body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.pace.run(async () => {
      const response = await this.#send({ method: 'PUT', key, query: { partNumber: String(number), uploadId }, body, headers });
      response.resume();
      return etagOf(response.headers.etag ?? '');
    });
  }

  /** `end` is included. A part that the store has already, from a try whose answer was lost or, with `isDoubtful`, from a former copier, is not copied again. */
  async copyPart(source: Source, { key, uploadId, number, start, end, isDoubtful }: PartCopy, signal?: AbortSignal): Promise<string> {
    const headers = {
      'x-amz-copy-source': this.#placeOf(source.key), 'x-amz-copy-source-if-match': `"${source.etag}"`, 'x-amz-copy-source-range': `bytes=${start}-${end}`,
    };
    let mayBeThere = isDoubtful;
    return this.pace.run(async () => {
      const there = mayBeThere ? await this.#partOf(key, uploadId, number) : undefined;
      mayBeThere = true;
      if (there?.sizeBytes === end - start + 1) return there.etag;
      return newEtagOf(await this.#said({ method: 'PUT', key, query: { partNumber: String(number), uploadId }, headers }));
    }, { signal, kind: 'part' });
  }

  async #partOf(key: string, uploadId: string, number: number): Promise<Part | undefined> {
    const query = { uploadId, 'part-number-marker': String(number - 1), 'max-parts': '1' };
    return partsOf(await this.#said({ method: 'GET', key, query })).parts.find((part) => part.number === number);
  }

  async completeUpload(key: string, uploadId: string, etags: readonly string[]): Promise<string> {
    const parts = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>"${etag}"</ETag></Part>`).join('');
    return this.#ask({ method: 'POST', key, query: { uploadId }, body: Buffer.from(`<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`) }, newEtagOf);
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    await unlessAbsent(this.#ask({ method: 'DELETE', key, query: { uploadId }, statuses: [200, 204] }));
  }

  async #ask(question: Question): Promise<string>;
  async #ask<Answer>(question: Question, read: (xml: string) => Answer, asked?: Asked): Promise<Answer>;
  async #ask(question: Question, read: (xml: string) => unknown = (xml) => xml, asked: Asked = { kind: question.method }): Promise<unknown> {
    return this.pace.run(async () => read(await this.#said(question)), asked);
  }

  async #said(question: Question): Promise<string> {
    return this.#requests.text(question);
  }

  async #send({ method, key, query = {}, headers = {}, body, statuses = [200] }: Question): Promise<IncomingMessage> {
    const options = { method, bucketName: this.name, ...(key !== undefined && { objectName: key }), query: queryOf(query), headers: { ...headers } };
    return this.client.makeRequestAsync(options, body ?? '', [...statuses]);
  }

  #placeOf(key: string): string {
    return `/${this.name}/${encoded(key)}`;
  }
}

export function isPreconditionFailed(error: unknown): boolean {
  return codeOf(error) === 'PreconditionFailed';
}

export function isAbsent(error: unknown): boolean {
  return absentCodes.has(codeOf(error));
}

export function describe(key: string, headers: IncomingHttpHeaders): StoredObject {
  return { key, sizeBytes: Number(headers['content-length']), etag: etagOf(headers.etag ?? ''), modifiedAt: wholeSeconds(headers['last-modified'] ?? '1970-01-01') };
}

async function unlessAbsent<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  return asked.catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw error;
  });
}

function escaped(text: string): string {
  return text.replaceAll(/[<>&'"\u0000-\u001f\u007f]/g, (character) => `&#${character.charCodeAt(0)};`);
}
