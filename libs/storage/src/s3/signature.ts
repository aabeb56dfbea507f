// How does a store know that a request is ours? (AWS Signature Version 4)
import { createHash, createHmac } from 'node:crypto';

export interface Signed {
  readonly method: string;
  /** Encoded, as it is sent. */
  readonly path: string;
  /** Encoded and in the order of its names, as it is sent. */
  readonly query: string;
  /** Names in lower case; with `host`, and all of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface SigningKeys {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

const algorithm = 'AWS4-HMAC-SHA256';
const sumOfNothing = sumOf('');

/** What a key is made of changes once a day, so it is made once a day. */
export class Signature {
  #key: { readonly day: string; readonly key: Buffer } | undefined;

  constructor(
    private readonly region: string,
    private readonly keys: SigningKeys,
  ) {}

  /** The headers to send. */
  headersOf({ method, path, query, headers, body }: Signed, now: Date): Record<string, string> {
    const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const day = time.slice(0, 8);
    const sum = body === undefined ? sumOfNothing : sumOf(body);
    const { sessionToken } = this.keys;
    const sent: Record<string, string> = { ...headers, 'x-amz-content-sha256': sum, 'x-amz-date': time, ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }) };
    const names = Object.keys(sent).sort();
    const signed = names.join(';');
    const canonical = `${method}\n${path}\n${query}\n${names.map((name) => `${name}:${sent[name]!.trim()}\n`).join('')}\n${signed}\n${sum}`;
    const scope = `${day}/${this.region}/s3/aws4_request`;
    const signature = hmac(this.#keyOf(day), `${algorithm}\n${time}\n${scope}\n${sumOf(canonical)}`).toString('hex');
    sent.authorization = `${algorithm} Credential=${this.keys.accessKey}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    return sent;
  }

  #keyOf(day: string): Buffer {
    if (this.#key?.day !== day) this.#key = { day, key: [day, this.region, 's3', 'aws4_request'].reduce((key: string | Buffer, part) => hmac(key, part), `AWS4${this.keys.secretKey}`) as Buffer };
    return this.#key.key;
  }
}

function sumOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: string | Buffer, content: string): Buffer {
  return createHmac('sha256', key).update(content).digest();
}
