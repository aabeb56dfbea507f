// How does one request reach the gateway, and what when there is no answer?
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { CommandFailure, exitCodes } from './failure.ts';

export interface Server {
  readonly host: string;
  readonly port: number;
  readonly use_https: boolean;
}
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: () => string | Readable;
}

const maxTries = 4;
const firstDelayMs = 200;
/** A gateway that accepts a connection and then says nothing is as good as away. */
const silenceMs = 10 * 60_000;

/** No connection, or it broke before an answer was complete. */
export class ConnectionLost extends CommandFailure {
  constructor(address: string, cause: NodeJS.ErrnoException) {
    const fix = '`npm start` starts a platform on this machine; `polyaxon config set --host HOST --port PORT` names another one';
    super('no-connection', exitCodes.failure, `no answer from ${address} (${cause.code ?? cause.message})`, fix);
  }
}

export function addressOf({ host, port, use_https }: Server, scheme: 'http' | 'ws' = 'http'): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `${scheme}${use_https ? 's' : ''}://${name}:${port}`;
}

/** Repeats what is safe to repeat: reads are, and writes carry their idempotency key. `isWorthAnotherTry` looks at the answer. */
export async function exchange(server: Server, wanted: Exchange, isWorthAnotherTry: (answer: IncomingMessage) => boolean): Promise<IncomingMessage> {
  for (let tried = 1; ; tried++) {
    try {
      const answer = await once(server, wanted);
      if (tried === maxTries || !isWorthAnotherTry(answer)) return answer;
      answer.destroy();
    } catch (error) {
      if (tried === maxTries) throw new ConnectionLost(addressOf(server), error as NodeJS.ErrnoException);
    }
    await delay(backOffMs(tried));
  }
}

/** Jittered, so that many clients do not come back at once. */
export function backOffMs(failures: number, maxMs = 5_000): number {
  return Math.min(maxMs, firstDelayMs * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
}

async function once(server: Server, { method, path, headers, body }: Exchange): Promise<IncomingMessage> {
  const request = server.use_https ? (await import('node:https')).request : requestPlain;
  return new Promise((resolve, reject) => {
    const sent = request(addressOf(server) + path, { method, headers, agent: false }, resolve);
    sent.setTimeout(silenceMs, () => sent.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })));
    sent.on('error', reject);
    const content = body?.();
    if (typeof content === 'object') content.on('error', (error) => sent.destroy(error)).pipe(sent);
    else sent.end(content);
  });
}
