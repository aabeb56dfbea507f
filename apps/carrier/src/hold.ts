// How is one folder of this machine carried by one process at a time?
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const askEveryMs = 100;

/** A name in the kernel: free the moment its process is gone. Where there are no such names, the claim in the store decides alone. */
export async function hold(folder: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const address = `\0polyaxon-carry-${createHash('sha256').update(folder).digest('hex').slice(0, 40)}`;
  while (!(await isTaken(address))) await pause(askEveryMs);
}

function isTaken(address: string): Promise<boolean> {
  return new Promise((done, failed) => {
    const server = createServer((connection) => connection.destroy()).unref();
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? done(false) : failed(error)));
    server.listen(address, () => done(true));
  });
}
