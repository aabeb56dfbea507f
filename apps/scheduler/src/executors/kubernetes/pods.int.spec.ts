// Does an executor of real pods keep the contract of all executors?
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { until, withCluster, type Cluster } from '#testing';
import type { AttemptId } from '../executor.ts';
import { executorContract, type ExecutorUnderTest } from '../executor-contract.ts';
import { ClusterFixture, epochOf, type Opened } from './cluster-fixture.ts';

/** Pods take their time on a machine that does other things, too. */
const patientMs = 100_000;
/** In the pod, where it is enforced. */
const graceSeconds = 2;

/** What the gateway is to a carrier that sends what its program prints. */
class Receiver {
  readonly consoles = new Map<string, Buffer>();
  readonly server = createServer((request, answer) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
      const experiment = /experiments\/(\d+)\/console$/.exec(pathname)?.[1];
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (experiment === undefined) return void answer.writeHead(404).end('{}');
      const key = `${experiment}-${searchParams.get('attempt')}`;
      const had = this.consoles.get(key) ?? Buffer.alloc(0);
      const offset = Number(searchParams.get('offset'));
      const bytes = Buffer.concat(chunks);
      if (offset <= had.length) this.consoles.set(key, Buffer.concat([had.subarray(0, offset), bytes, had.subarray(offset + bytes.length)]));
      answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ receivedBytes: (this.consoles.get(key) ?? had).length }));
    })();
  });

  async listen(): Promise<number> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return (this.server.address() as AddressInfo).port;
  }
}

/** By their control groups, whatever they call themselves; not the one that only holds the pod's place. */
async function processesOf(uids: readonly string[]): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const found = await Promise.all(pids.map(async (pid) => uids.some((uid) => uid !== '') && (await isIn(await read(pid, 'cgroup'), uids)) && !(await read(pid, 'comm')).startsWith('pause')));
  return found.filter(Boolean).length;
}

async function isIn(groups: string, uids: readonly string[]): Promise<boolean> {
  return uids.some((uid) => groups.includes(`pod${uid}/`) || groups.includes(`pod${uid.replaceAll('-', '_')}`));
}

jest.setTimeout(3 * patientMs);

withCluster('node', 'the executor of Kubernetes', (open) => {
  executorContract({
    open: async (): Promise<ExecutorUnderTest> => {
      const cluster: Cluster = await open();
      const receiver = new Receiver();
      const gatewayUrl = `http://${await cluster.reach(await receiver.listen())}`;
      const folder = await mkdtemp(join(tmpdir(), 'pods-'));
      await chmod(folder, 0o777);
      await mkdir(join(folder, 'mona'), { mode: 0o777 });
      const fixture = await ClusterFixture.make(cluster, { gatewayUrl, graceSeconds, lastSeconds: 10, outputs: { root: '/polyaxon/outputs', outputs: { kind: 'host', folder } } });
      const first = await fixture.open();
      const uidsOf = (id: AttemptId, { objects }: Opened = first) => objects.known(id).pods.map(({ metadata }) => metadata?.uid ?? '');
      return {
        executor: first.executor,
        another: async () => (await fixture.open()).executor,
        consoleOf: async (id) => (receiver.consoles.get(epochOf(id)) ?? Buffer.alloc(0)).toString(),
        count: async (id) => processesOf(uidsOf(id)),
        close: async () => {
          await fixture.close();
          receiver.server.closeAllConnections();
          receiver.server.close();
          await cluster.stop();
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
    until: (what, condition) => until(what, condition, patientMs),
    lastsSeconds: 8,
    shortOnes: Number(process.env.KUBERNETES_SHORT_ONES ?? 24),
  });
});
