// How do pods of a test cluster, and this machine, reach a Service by its address, of whose pods one answers?
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from '../program.ts';
import { serviceRange } from './control-plane.ts';
import { routesOf, type EndpointSlice, type Route, type Service } from './routes.ts';

export interface Served {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
}

export interface ServicesOptions {
  /** Of the cluster, and the address of this machine on it. */
  readonly bridge: string;
  readonly address: string;
  readonly look: () => Promise<Served>;
}

const lookAgainMs = 250;
/** Others on this machine, as an engine of Docker that ends, lay all rules anew. */
const writeAgainMs = 3000;
/** So that packets between pods of one bridge pass the rules at all, on their way back as well. */
const neededSettings = ['net/ipv4/ip_forward', 'net/bridge/bridge-nf-call-iptables'].map((name) => `/proc/sys/${name}`);

/** What kube-proxy does, as far as tests need it: TCP, one address, no sessions. */
export class Services {
  readonly #ended = new AbortController();
  readonly #changed: (readonly [file: string, value: string])[] = [];
  #working: Promise<void> | undefined;
  #written: { readonly rules: string; readonly atMs: number } = { rules: '', atMs: -Infinity };

  constructor(private readonly options: ServicesOptions) {}

  async open(): Promise<void> {
    for (const file of neededSettings) {
      const value = readFileSync(file, 'utf8');
      if (value.trim() === '1') continue;
      this.#changed.push([file, value]);
      await writeFile(file, '1');
    }
    await writeFile(`/proc/sys/net/ipv4/conf/${this.options.bridge}/send_redirects`, '0'); // a pod would be told that another pod is where the Service is
    await this.#step();
    this.#working = this.#work();
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#working;
    await forgetServices(this.options.bridge);
    for (const [file, value] of this.#changed) await writeFile(file, value);
  }

  async #work(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await pause(lookAgainMs, undefined, { signal: this.#ended.signal }).catch(() => undefined);
      await this.#step().catch(() => undefined); // the API server may be away: what there is goes on
    }
  }

  async #step(): Promise<void> {
    const { services, slices } = await this.options.look();
    const rules = this.#rules(routesOf(services, slices, this.options.address));
    const nowMs = performance.now();
    if (rules === this.#written.rules && nowMs - this.#written.atMs < writeAgainMs) return;
    await restore(rules);
    for (const [table, [chain, ...rule]] of hooksOf(this.options.bridge, this.options.address)) {
      const isThere = await run('iptables', ['--wait', '-t', table, '-C', chain!, ...rule]).then(() => true, () => false);
      if (!isThere) await run('iptables', ['--wait', '-t', table, '-A', chain!, ...rule]);
    }
    this.#written = { rules, atMs: nowMs };
  }

  /** In one step, as `iptables-restore` takes it: a chain that is named is emptied first. */
  #rules(routes: readonly Route[]): string {
    const chain = chainOf(this.options.bridge);
    const lines = routes.flatMap(({ address, port, to }) => to.map((one, index) => {
      const left = to.length - index;
      const byChance = left > 1 ? `-m statistic --mode random --probability ${(1 / left).toFixed(6)} ` : '';
      return `-A ${chain} -d ${address}/32 -p tcp --dport ${port} ${byChance}-j DNAT --to-destination ${one}`;
    }));
    return ['*nat', `:${chain} - [0:0]`, ...lines, 'COMMIT', '*filter', `:${chain} - [0:0]`, `-A ${chain} -j ACCEPT`, 'COMMIT', ''].join('\n');
  }
}

const chainOf = (bridge: string): string => `${bridge.toUpperCase()}-SERVICES`;

const hooksOf = (bridge: string, address: string): (readonly [table: string, rule: readonly string[]])[] => [
  ['nat', ['PREROUTING', '-i', bridge, '-j', chainOf(bridge)]],
  ['nat', ['OUTPUT', '-d', address, '-j', chainOf(bridge)]],
  ['filter', ['FORWARD', '-i', bridge, '-o', bridge, '-j', chainOf(bridge)]],
  ['filter', ['FORWARD', '-i', bridge, '-d', serviceRange, '-j', 'REJECT']], // none of its pods is ready
];

/** Also of one who was killed. */
export async function forgetServices(bridge: string): Promise<void> {
  for (const table of ['nat', 'filter']) {
    const rules = (await run('iptables', ['--wait', '-t', table, '-S']).catch(() => '')).split('\n');
    const ours = rules.filter((one) => one.startsWith('-A ') && one.split(' ').some((word) => word === bridge || word === chainOf(bridge)) && !one.startsWith(`-A ${chainOf(bridge)} `));
    for (const one of ours) await run('iptables', ['--wait', '-t', table, ...one.replace('-A', '-D').split(' ')]).catch(() => '');
    for (const how of ['-F', '-X']) await run('iptables', ['--wait', '-t', table, how, chainOf(bridge)]).catch(() => '');
  }
}

async function restore(rules: string): Promise<void> {
  const child = spawn('iptables-restore', ['--noflush', '--wait'], { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdin.on('error', () => undefined).end(rules);
  const code = await new Promise<number | null>((done, failed) => child.once('error', failed).once('close', done));
  if (code !== 0) throw new Error(`iptables-restore: ${said.trim()}`);
}
