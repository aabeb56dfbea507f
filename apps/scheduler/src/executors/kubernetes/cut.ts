// How does a test cut the way to a server, as a network does?
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface CuttableWay {
  readonly port: number;
  /** Everything that is open is gone; what comes next finds its way again. */
  cut(): number;
  close(): void;
}

export async function cuttableWay(to: number): Promise<CuttableWay> {
  const open = new Set<Socket>();
  const server = createServer((from) => {
    const onward = connect(to, '127.0.0.1');
    for (const [one, other] of [[from, onward], [onward, from]] as const) {
      open.add(one);
      one.on('error', () => undefined).once('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    from.pipe(onward);
    onward.pipe(from);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const cut = () => {
    const count = open.size;
    for (const socket of open) socket.destroy();
    return count;
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close() {
      cut();
      server.close();
    },
  };
}
