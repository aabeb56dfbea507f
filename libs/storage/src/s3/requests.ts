// How is a store asked something whose answer is small, thousands of times, at little cost?
import type { Client } from 'minio';
import { Pool } from 'undici';
import { refusalIn } from './answers.ts';
import { connectMs, isBusy, requestsMax, silenceMs, StoreBusy, type S3Settings } from './connection.ts';
import { encoded, queryOf } from './encoding.ts';
import { Signature } from './signature.ts';

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly statuses?: readonly number[];
}

/** Where the client would send it. */
interface Located {
  getRequestOptions(about: { method: string; bucketName: string; objectName: string; region: string }): { protocol: string; path: string; headers: { host: string } };
}

/** A copy of many small files is one such request for each of them, so what one costs here counts (docs/decisions/27). */
export class Requests {
  readonly #pool: Pool;
  readonly #signature: Signature;
  readonly #host: string;
  /** Before each key. */
  readonly #root: string;

  constructor(client: Client, { bucket, region, credentials, ca }: S3Settings) {
    const { protocol, path, headers: { host } } = (client as unknown as Located).getRequestOptions({ method: 'GET', bucketName: bucket, objectName: '-', region });
    this.#pool = new Pool(`${protocol}//${host}`, { connections: requestsMax, connect: { timeout: connectMs, ...(ca !== undefined && { ca }) }, headersTimeout: silenceMs, bodyTimeout: silenceMs });
    this.#signature = new Signature(region, credentials);
    this.#host = host;
    this.#root = path.slice(0, -1);
  }

  async text(question: Question): Promise<string> {
    return (await this.bytes(question)).toString('utf8');
  }

  async bytes({ method, key, query = {}, headers = {}, body, statuses = [200] }: Question): Promise<Buffer> {
    const path = key === undefined ? this.#root.replace(/(?<=.)\/$/, '') : this.#root + encoded(key);
    const asked = queryOf(query);
    const signed = this.#signature.headersOf({ method, path, query: asked, headers: { ...headers, host: this.#host }, body }, new Date());
    const answer = await this.#pool.request({ method, path: asked === '' ? path : `${path}?${asked}`, headers: signed, body: body ?? null });
    if (isBusy(answer.statusCode)) {
      await answer.body.dump();
      throw new StoreBusy(answer.statusCode);
    }
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (!statuses.includes(answer.statusCode)) throw refusalIn(answer.statusCode, bytes.toString('utf8'));
    return bytes;
  }
}
