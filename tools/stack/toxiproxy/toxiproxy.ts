// How does a bad network run here: a real toxiproxy between a client and a server?
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { programOf, type GoProgram } from '../go-program.ts';

export const toxiproxy: GoProgram = { name: 'toxiproxy', version: 'v2.5.0', module: 'github.com/Shopify/toxiproxy/v2/cmd/server', provideWith: 'npm run stack -- toxiproxy' };

/** What goes wrong on the way from the server, and to it where `stream` says so; the attributes are toxiproxy's. */
export interface Toxic {
  readonly type: 'latency' | 'timeout' | 'reset_peer' | 'bandwidth' | 'slow_close';
  readonly attributes: Readonly<Record<string, number>>;
  readonly stream?: 'upstream' | 'downstream';
}

export interface Way {
  /** `host:port` for clients. */
  readonly address: string;
  /** Resolves when it is cured again. */
  poison(...toxics: readonly Toxic[]): Promise<void>;
  cure(): Promise<void>;
}

export interface Toxiproxy {
  /** From a port of its own to `upstream`, which need not be there yet. */
  way(name: string, upstream: string): Promise<Way>;
  stop(): Promise<void>;
}

const readyWithinMs = 15_000;

export async function startToxiproxy(): Promise<Toxiproxy> {
  const port = await freePort();
  const child = spawn(programOf(toxiproxy), ['-host', '127.0.0.1', '-port', String(port)], { stdio: 'ignore' });
  const exited = new Promise<void>((done) => child.once('exit', () => done()).once('error', () => done()));
  const leave = (): void => void child.kill('SIGKILL');
  process.once('exit', leave);
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body && { body: JSON.stringify(body) }), signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`toxiproxy: ${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  };
  for (const giveUpAt = performance.now() + readyWithinMs; !(await ask('GET', '/proxies').then(() => true, () => false)); await pause(20)) {
    if (performance.now() > giveUpAt) throw new Error('toxiproxy was not ready in time');
  }
  return {
    async way(name, upstream) {
      const { listen } = (await ask('POST', '/proxies', { name, listen: '127.0.0.1:0', upstream, enabled: true })) as { listen: string };
      const toxics = `/proxies/${name}/toxics`;
      return {
        address: listen,
        async poison(...bad) {
          for (const [index, { type, attributes, stream = 'downstream' }] of bad.entries()) await ask('POST', toxics, { name: `toxic${index}`, type, attributes, stream, toxicity: 1 });
        },
        async cure() {
          for (const { name: toxic } of (await ask('GET', toxics)) as { name: string }[]) await ask('DELETE', `${toxics}/${toxic}`);
        },
      };
    },
    async stop() {
      process.removeListener('exit', leave);
      leave();
      await exited;
    },
  };
}
