// How does a pod speak to the gateway, which may be away for a while?
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const answerWithinMs = 30_000;

/** Asking again does not help. */
export class GatewayRefused extends Error {
  override readonly name = 'GatewayRefused';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Receipt {
  /** Where to go on. */
  readonly receivedBytes: number;
}

/** The token is read each time: a Secret may be renewed under it. */
export class Gateway {
  constructor(private readonly tokenFile: string) {}

  /** Resolves when all of it is in the file. */
  async download(address: string, file: string): Promise<void> {
    const response = await this.#ask(address, {});
    const sizeBytes = response.headers.get('x-polyaxon-content-length');
    let received = 0;
    const body = Readable.fromWeb(response.body!);
    body.on('data', (chunk: Buffer) => (received += chunk.length));
    await pipeline(body, createWriteStream(file, { mode: 0o600 }));
    if (sizeBytes !== null && Number(sizeBytes) !== received) throw new Error(`only ${received} of ${sizeBytes} bytes came from ${new URL(address).host}`);
  }

  async send(address: string, bytes: Buffer): Promise<Receipt> {
    const body = new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
    const response = await this.#ask(address, { method: 'PUT', body, headers: { 'content-type': 'application/octet-stream' }, signal: AbortSignal.timeout(answerWithinMs) }, [409]);
    const { receivedBytes, detail } = (await response.json()) as Partial<Receipt> & { detail?: string };
    if (receivedBytes === undefined) throw new GatewayRefused(response.status, detail ?? 'it does not say how much it has');
    return { receivedBytes };
  }

  /** It has heard, whatever it makes of it. */
  async tell(address: string, what: object): Promise<void> {
    const init = { method: 'PUT', body: JSON.stringify(what), headers: { 'content-type': 'application/json' }, signal: AbortSignal.timeout(answerWithinMs) };
    await (await this.#ask(address, init)).body?.cancel();
  }

  async #ask(address: string, { headers, ...init }: RequestInit, passed: readonly number[] = []): Promise<Response> {
    const token = (await readFile(this.tokenFile, 'utf8')).trim();
    const response = await fetch(address, { ...init, headers: { ...headers, authorization: `Token ${token}` }, redirect: 'error' });
    if (response.ok || passed.includes(response.status)) return response;
    const { detail = '' } = (await response.json().catch(() => ({}))) as { detail?: string };
    const message = `${new URL(address).host} answers ${response.status}${detail === '' ? '' : `: ${detail}`}`;
    if (response.status >= 500 || response.status === 429 || response.status === 408) throw new Error(message);
    throw new GatewayRefused(response.status, message);
  }
}

/** What is wrong, of an error of the network too, which only its cause knows. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const inner = cause instanceof Error ? (cause.message || (cause as NodeJS.ErrnoException).code) : undefined;
  return inner ? `${message}: ${inner}` : message;
}
