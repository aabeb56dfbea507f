// Is every line that pods print in their logs, once and in order, whatever ends them, and while the log-collector is killed?
// POD_LOGS_PODS=100 POD_LOGS_KILLS=10: full size.
import { chmodSync, copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { until, withCluster, type Cluster } from '#testing';
import { freePort } from '../tools/stack/free-port.ts';
import { created, polyaxonfile, project, run } from './asking.ts';
import { Platform } from './platform.ts';

const pods = Number(process.env.POD_LOGS_PODS ?? 8);
const kills = Number(process.env.POD_LOGS_KILLS ?? 3);
const lines = 10_000;
const namespace = 'runs';
const image = 'polyaxon.test/python:test';
const uid = 1000;
/** Pods at once; more of them are only slower on a machine with two processors. */
const atOnce = 8;

interface Kind {
  readonly what: string;
  readonly command: string;
  readonly more?: object;
  /** Of a whole line. */
  readonly ending?: string;
  readonly status: string;
  /** It is ended from outside, somewhere in the middle. */
  readonly isCut?: true;
}

const greedy = `exec python3 -c "b = []\nwhile True: b.append(bytearray(10_000_000))"`;
const wide = 'x'.repeat(300);
const kinds: readonly Kind[] = [
  { what: 'prints at full speed', command: `seq 1 ${lines}`, status: 'succeeded' },
  { what: 'prints one line and is gone', command: 'echo 1', status: 'succeeded' },
  { what: 'uses more memory than it may', command: `seq 1 ${lines}; ${greedy}`, more: { resources: { memory: { requests: '64Mi', limits: '64Mi' } } }, status: 'failed' },
  { what: 'is killed by SIGKILL', command: `seq 1 ${lines}; kill -KILL $$`, status: 'failed' },
  { what: 'is deleted by force', command: `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo $i; [ $((i % 100)) -gt 0 ] || sleep 0.05; done; sleep 600`, status: 'failed', isCut: true },
  { what: 'prints 3 MB, so that the kubelet rotates', command: `seq -f %.0f${wide} 1 ${lines}`, ending: wide, status: 'succeeded' },
  { what: 'prints slowly', command: `for i in $(seq 1 100); do seq $((i*100-99)) $((i*100)); sleep 0.05; done`, status: 'succeeded' },
  { what: 'fails', command: `seq 1 ${lines}; exit 3`, status: 'failed' },
];

withCluster('node', 'the logs of pods', (open) => {
  let cluster: Cluster;
  let platform: Platform;
  beforeAll(async () => {
    cluster = await open({ logBytes: 1024 * 1024 });
    await cluster.kubectl(['create', 'namespace', namespace]);
    const config = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
    copyFileSync(cluster.kubeconfig, join(config, 'kubeconfig'));
    for (const path of [config, join(config, 'kubeconfig')]) chmodSync(path, 0o755);
    const port = await freePort();
    platform = await Platform.start({
      POLYAXON_EXECUTOR: 'kubernetes', POLYAXON_KUBERNETES_KUBECONFIG: join(config, 'kubeconfig'), POLYAXON_KUBERNETES_NAMESPACE: namespace, POLYAXON_KUBERNETES_PLATFORM_IMAGE: 'polyaxon.test/platform:test',
      POLYAXON_KUBERNETES_IMAGE_PULL_POLICY: 'Never', POLYAXON_PORT: String(port), POLYAXON_KUBERNETES_GATEWAY_URL: `http://${await cluster.reach(port)}`,
      POLYAXON_MAX_PREEMPTIONS: '0',
    }, { uid });
    await platform.api('POST', 'projects', { name: 'verbs' });
  }, 300_000);
  afterAll(async () => {
    await platform?.remove();
    await cluster?.stop();
  }, 120_000);

  const settled = ['succeeded', 'failed', 'stopped', 'upstream_failed', 'skipped'];
  /** Null: nobody can tell now, as while the collector is started again. */
  const log = async (id: number): Promise<string | null> => {
    const { status, text } = await platform.api('GET', `${project}/experiments/${id}/logs`).catch(() => ({ status: 0, text: '' }));
    return status === 200 ? text : null;
  };
  const done = (id: number): Promise<ExperimentBody> => until(`experiment ${id} is done`, async () => {
    const body = await platform.experiment(id).catch(() => null);
    return body && settled.includes(body.last_status) ? body : null;
  }, 600_000);

  async function forceDelete(id: number): Promise<void> {
    await until(`${id} prints`, async () => (((await log(id)) ?? '').length > 2000 ? true : null), 300_000);
    await cluster.kubectl(['-n', namespace, 'delete', 'pod', '-l', `polyaxon.io/experiment=${id}`, '--force', '--grace-period=0', '--wait=false']);
  }

  async function tryOne({ what, command, more = {}, ending = '', status, isCut }: Kind): Promise<string[]> {
    const { id } = await created(platform.write('POST', `${project}/experiments`, { content: polyaxonfile(command, { build: { image }, environment: { max_restarts: 0, ...more } }) }, 120_000));
    if (isCut) await forceDelete(id);
    const { last_status: ended } = await done(id);
    const text = await until('its log can be read', () => log(id), 60_000);
    const printed = text.split('\n').slice(0, -1);
    const marker = printed.findIndex((line) => line.startsWith('['));
    const whole = marker === -1 ? printed : printed.slice(0, marker);
    const wrong = whole.findIndex((line, index) => line !== `${index + 1}${ending}`);
    const expected = command === 'echo 1' ? 1 : lines;
    const problems = [
      ended === status ? '' : `it is ${ended}`,
      wrong === -1 || (isCut && wrong === whole.length - 1) ? '' : `line ${wrong + 1} is ${JSON.stringify(whole[wrong]!.slice(0, 40))}`,
      isCut || whole.length === expected ? '' : `${whole.length} of ${expected} lines`,
      isCut || marker === -1 ? '' : `${printed[marker]!}`,
    ].filter(Boolean);
    return problems.map((problem) => `${id}, which ${what}: ${problem}`);
  }

  it(`${pods} pods print ${lines} lines, and the collector is killed ${kills} times: no gap, no repeat`, async () => {
    const waiting = Array.from({ length: pods }, (_, n) => kinds[n % kinds.length]!);
    const problems: string[] = [];
    let isOver = false;
    const killing = (async () => {
      for (let kill = 0; kill < kills && !isOver; kill += 1) {
        const seen = waiting.length;
        await until('more pods have begun', () => (waiting.length < seen || waiting.length === 0 || isOver ? true : null), 600_000);
        await platform.kill('log-collector');
      }
    })();
    const lane = async (): Promise<void> => {
      for (let kind = waiting.shift(); kind; kind = waiting.shift()) problems.push(...(await tryOne(kind)));
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: Math.min(atOnce, pods) }, lane));
    isOver = true;
    await killing;
    process.stderr.write(`${pods} pods, ${kills} kills of the collector, ${((performance.now() - began) / 1000).toFixed(0)} s: ${problems.length} problems\n`);
    expect(problems).toEqual([]);
  }, 600_000 + pods * 60_000);

  it('what a pod prints is in the log of its carrier as well', async () => {
    const { id } = await run(platform, 'echo seen by kubectl; sleep 600', { build: { image } });
    const logs = () => cluster.kubectl(['-n', namespace, 'logs', '-c', 'carrier', '-l', `polyaxon.io/experiment=${id}`]);
    await until('kubectl shows it', async () => ((await logs().catch(() => '')).includes('seen by kubectl') ? true : null), 120_000);
    await platform.api('POST', `${project}/experiments/${id}/stop`);
    expect(await done(id)).toMatchObject({ last_status: 'stopped' });
  }, 300_000);
});
