// How do the pods of a test cluster and this machine reach each other?
import { writeFile } from 'node:fs/promises';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from '../program.ts';

/** An engine of Docker on this machine that ends lays all rules anew, without ours. */
const looksEveryMs = 1000;

/** A bridge of its own for each cluster; nothing is passed on to anywhere else. */
export class Network {
  readonly #servers: Server[] = [];
  /** Ways in by which nobody comes now, by `host:port`, and all that are. */
  readonly #cut = new Set<string>();
  readonly #coming = new Map<string, Set<Socket>>();
  readonly #closed = new AbortController();
  readonly #keeping: Promise<void>;

  private constructor(
    private readonly bridge: string,
    /** Of this machine, as pods see it. */
    readonly address: string,
    private readonly subnet: string,
  ) {
    this.#keeping = this.#keepOpen();
  }

  static async open(): Promise<Network> {
    for (let n = 1; n < 250; n += 1) {
      const [bridge, address] = [`pxk${n}`, `10.231.${n}.1`];
      const isOurs = await run('ip', ['link', 'add', bridge, 'address', addressOf(n), 'type', 'bridge']).then(() => true, () => false);
      if (!isOurs) continue;
      await run('ip', ['addr', 'add', `${address}/24`, 'dev', bridge]);
      await run('ip', ['link', 'set', bridge, 'up']);
      return new Network(bridge, address, `10.231.${n}.0/24`);
    }
    throw new Error('there are 250 bridges of test clusters on this machine: ip link show type bridge');
  }

  get name(): string {
    return this.bridge;
  }

  /** As containerd reads it. */
  async configure(configurations: string, addresses: string): Promise<void> {
    const ipam = { type: 'host-local', ranges: [[{ subnet: this.subnet, gateway: this.address }]], routes: [{ dst: '0.0.0.0/0' }], dataDir: addresses };
    const plugins = [{ type: 'bridge', bridge: this.bridge, isGateway: false, ipMasq: false, ipam }];
    await writeFile(join(configurations, '10-polyaxon.conflist'), JSON.stringify({ cniVersion: '0.4.0', name: this.bridge, plugins }));
  }

  /** A server that listens on 127.0.0.1 only gets a way in for pods, on any port of the bridge; answers its `host:port`. */
  async reach(port: number, on = 0): Promise<string> {
    const coming = new Set<Socket>();
    const server = createServer((from) => {
      if (this.#cut.has(address())) return void from.on('error', () => undefined).destroy();
      coming.add(from.once('close', () => coming.delete(from)));
      const to = connect(port, '127.0.0.1');
      from.pipe(to).pipe(from);
      for (const [one, other] of [[from, to], [to, from]] as const) one.on('error', () => other.destroy()).on('close', () => other.destroy());
    });
    await new Promise<void>((done, failed) => server.once('error', failed).listen(on, this.address, done));
    this.#servers.push(server);
    const address = (): string => `${this.address}:${(server.address() as { port: number }).port}`;
    this.#coming.set(address(), coming);
    return address();
  }

  /** What `reach` has answered leads nowhere, until what is answered here is called. */
  cutOff(address: string): () => void {
    this.#cut.add(address);
    for (const socket of this.#coming.get(address) ?? []) socket.destroy();
    return () => void this.#cut.delete(address);
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0)) server.close();
    this.#closed.abort();
    await this.#keeping;
    await removeBridge(this.bridge);
  }

  async #keepOpen(): Promise<void> {
    const { signal } = this.#closed;
    for (; !signal.aborted; await pause(looksEveryMs, undefined, { signal }).catch(() => undefined)) await letThrough(this.bridge);
  }
}

/** Said by us, it stays: otherwise it is that of one of its pods, another one when that ends, and what the others send is lost for half a minute. */
const addressOf = (n: number): string => `02:70:78:6b:00:${n.toString(16).padStart(2, '0')}`;

export async function removeBridge(bridge: string): Promise<void> {
  await iptables('--delete', bridge);
  await run('ip', ['link', 'del', bridge]).catch(() => '');
}

/** From pod to pod. Where Docker is, or was, this machine's firewall drops what crosses a bridge that nobody has told it of; where there is no firewall nothing has to be told. */
async function letThrough(bridge: string): Promise<void> {
  if (!(await iptables('--check', bridge))) await iptables('--append', bridge);
}

async function iptables(how: '--check' | '--append' | '--delete', bridge: string): Promise<boolean> {
  return run('iptables', ['--wait', how, 'FORWARD', '--in-interface', bridge, '--out-interface', bridge, '--jump', 'ACCEPT']).then(() => true, () => false);
}
