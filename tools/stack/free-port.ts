// Which port of this machine is free?
import { createServer, type AddressInfo } from 'node:net';

/** Until somebody else takes it: whoever asks listens there soon. */
export async function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}
