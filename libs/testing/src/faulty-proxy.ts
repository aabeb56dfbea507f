// What if the way to a server is bad, or the server asks for patience?
import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `lose`: it is done, and nobody is told. `deny`: it is not allowed. */
export type Fate = 'pass' | 'reset' | 'busy' | 'lose' | 'deny';

export interface FaultyProxy {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Hands requests on to `endpoint` as they are, also their `host`: that is signed. `onAnswer` is told what the server said, also when nobody is there any more to hear it. */
export async function faultyProxy(
  endpoint: string,
  fateOf: (request: IncomingMessage) => Fate | Promise<Fate>,
  onAnswer: (request: IncomingMessage, status: number) => void = () => undefined,
): Promise<FaultyProxy> {
  const { hostname, port } = new URL(endpoint);
  const server = createServer((request, response) => {
    const reset = (): void => void request.socket.destroy();
    void (async () => {
      const fate = await fateOf(request);
      if (fate === 'reset') return reset();
      if (fate === 'busy' || fate === 'deny') {
        request.resume();
        const [status, code] = fate === 'busy' ? ([503, 'SlowDown'] as const) : ([403, 'AccessDenied'] as const);
        return void response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
      }
      const onward = send({ hostname, port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
        onAnswer(request, answer.statusCode!);
        if (fate === 'lose') {
          answer.resume().once('end', reset);
          return;
        }
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      onward.once('error', reset);
      request.pipe(onward);
    })().catch(reset);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
