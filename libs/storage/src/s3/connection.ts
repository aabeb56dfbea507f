// How does a request get to an S3 store, and which of its failures pass by themselves?
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Client } from 'minio';

export interface S3Settings {
  /** `https://host` or `http://host:port`; no path. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Of all keys; without a slash at either end, may be empty. */
  readonly prefix: string;
  readonly region: string;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  readonly pathStyle: boolean;
  readonly credentials: { readonly accessKey: string; readonly secretKey: string; readonly sessionToken?: string };
  /** PEM of the authority to trust instead of those that the system knows. */
  readonly ca?: string;
  /** The store asked for patience or is away, and is asked again. */
  readonly onSlowDown?: (error: unknown) => void;
}

/** Wide enough for the pace at its fastest. */
export const requestsMax = 64;
/** A store that copies gigabytes answers late, but one that says nothing for so long is gone. */
export const silenceMs = 120_000;
export const connectMs = 10_000;

const busyStatuses = new Set([408, 429, 499, 500, 502, 503, 504, 520]);
const busyCodes = new Set(['SlowDown', 'SlowDownRead', 'SlowDownWrite', 'InternalError', 'ServiceUnavailable', 'RequestTimeout', 'OperationAborted', 'ServerBusy', 'XMinioServerNotInitialized']);
const networkCodes = new Set([
  'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ERR_STREAM_PREMATURE_CLOSE',
  'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT',
]);

/** The store asks for patience. */
export class StoreBusy extends Error {
  override readonly name = 'StoreBusy';

  constructor(readonly status: number) {
    super(`the store answered ${status}`);
  }
}

/** What the store said no with. */
export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? '');
}

export function isBusy(status: number): boolean {
  return busyStatuses.has(status);
}

export function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  return error instanceof StoreBusy || busyCodes.has(code) || networkCodes.has(code);
}

export function connect({ endpoint, region, pathStyle, credentials, ca }: S3Settings): Client {
  const { protocol, hostname, port } = new URL(endpoint);
  const isSecure = protocol === 'https:';
  const agent = new (isSecure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: requestsMax, scheduling: 'lifo', ...(ca !== undefined && { ca }) });
  return new Client({
    endPoint: hostname.replace(/^\[|\]$/g, ''),
    ...(port !== '' && { port: Number(port) }),
    useSSL: isSecure,
    region,
    pathStyle,
    ...credentials,
    transportAgent: agent,
    transport: patient(isSecure ? httpsRequest : httpRequest),
    retryOptions: { disableRetry: true }, // one place decides about that: `Pace`
  });
}

type Answered = (response: IncomingMessage) => void;

/** The client would throw busy answers away unread, and each of them would keep its connection. */
function patient(send: typeof httpRequest) {
  return {
    request(options: RequestOptions, answered: Answered) {
      const request = send(options, (response) => {
        if (!isBusy(response.statusCode ?? 0)) return answered(response);
        response.resume();
        request.emit('error', new StoreBusy(response.statusCode!));
      });
      request.setTimeout(silenceMs, () => request.destroy(timedOut('said nothing')));
      request.once('socket', (socket) => {
        if (!socket.connecting) return;
        const late = setTimeout(() => request.destroy(timedOut('could not be reached')), connectMs);
        socket.once('connect', () => clearTimeout(late)).once('close', () => clearTimeout(late));
      });
      return request;
    },
  } as unknown as NonNullable<ConstructorParameters<typeof Client>[0]['transport']>;
}

function timedOut(what: string): Error {
  return Object.assign(new Error(`the store ${what} in time`), { code: 'ETIMEDOUT' });
}
