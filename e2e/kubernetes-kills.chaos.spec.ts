// Does a scheduler that is killed right after it made a Job ever make it again, or forget it? KUBERNETES_ATTEMPTS=1000 KUBERNETES_KILLS=100: full size.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig, Watch, type V1Job } from '@kubernetes/client-node';
import { until, withCluster, type Cluster } from '#testing';
import { created, polyaxonfile, project } from './asking.ts';
import { Platform } from './platform.ts';

const attempts = Number(process.env.KUBERNETES_ATTEMPTS ?? 16);
const kills = Number(process.env.KUBERNETES_KILLS ?? 3);
const namespace = 'runs';
const atOnce = 8;
const longMs = 120_000 + attempts * 5000;

withCluster('sched', 'a scheduler that is killed between a Job and the record of it', (open) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubernetes-kills-'));
  let cluster: Cluster;
  let platform: Platform;
  beforeAll(async () => {
    cluster = await open();
    await cluster.addFakeNodes(4);
    await cluster.kubectl(['create', 'namespace', namespace]);
    mkdirSync(join(folder, 'outputs'));
    platform = await Platform.start({
      POLYAXON_EXECUTOR: 'kubernetes', POLYAXON_KUBERNETES_KUBECONFIG: cluster.kubeconfig, POLYAXON_KUBERNETES_NAMESPACE: namespace, POLYAXON_KUBERNETES_OUTPUTS: `host:${join(folder, 'outputs')}`,
      POLYAXON_MAX_CONCURRENT_RUNS: String(attempts),
    });
    await platform.api('POST', 'projects', { name: 'verbs' });
  }, 300_000);
  afterAll(async () => {
    await platform?.remove();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  /** Tells of each Job as soon as there is one. */
  async function watchJobs(made: (job: V1Job) => void): Promise<AbortController> {
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    return new Watch(config).watch(`/apis/batch/v1/namespaces/${namespace}/jobs`, {}, (type: string, job: V1Job) => type === 'ADDED' && made(job), () => undefined);
  }

  it(`${attempts} attempts, killed ${kills} times: as many Jobs as attempts, and nothing is left of them`, async () => {
    const uids = new Map<string, Set<string>>();
    const killedAfter: string[] = [];
    let [scheduler, isOver] = [0, false];
    const watch = await watchJobs(({ metadata: { name = '', uid = '' } = {} }) => {
      uids.set(name, (uids.get(name) ?? new Set()).add(uid));
      if (scheduler === 0 || killedAfter.length >= kills || uids.size < ((killedAfter.length + 0.5) * attempts) / kills) return;
      process.kill(scheduler, 'SIGKILL');
      scheduler = 0;
      killedAfter.push(name);
    });
    const knowing = (async () => {
      for (let dead = 0; !isOver; await new Promise((resolve) => setTimeout(resolve, 20))) {
        const [pid = 0] = platform.pids('scheduler');
        if (pid !== dead) dead = scheduler = pid;
      }
    })();

    const numbers = Array.from({ length: attempts }, (_, n) => n);
    const ids: number[] = [];
    const submit = async (): Promise<void> => {
      while (numbers.pop() !== undefined) ids.push((await created(platform.write('POST', `${project}/experiments`, { content: polyaxonfile('true', { build: { image: 'played' } }) }, 120_000))).id);
    };
    await Promise.all(Array.from({ length: atOnce }, submit));
    const open = async () => platform.rows<{ id: string }>(`SELECT id FROM api_gateway.experiments WHERE last_status NOT IN ('succeeded', 'failed', 'stopped')`);
    await until('all have ended', async () => ((await open().catch(() => [{}])).length === 0 ? true : null), longMs);
    isOver = true;
    await knowing;
    await cluster.until('nothing is left', ['-n', namespace, 'get', 'jobs,pods,secrets', '-l', 'app.kubernetes.io/managed-by=polyaxon', '-o', 'name'], (names) => names.trim() === '');
    watch.abort();

    const started = await platform.rows<{ stream_name: string }>(`SELECT stream_name FROM event_store.messages WHERE type = 'RunStarted'`);
    process.stderr.write(`${attempts} attempts, the scheduler killed ${killedAfter.length} times, ${uids.size} Jobs\n`);
    expect(killedAfter).toHaveLength(kills);
    expect([...uids.keys()].sort()).toEqual(ids.map((id) => `run-${id}-1`).sort());
    expect([...uids].filter(([, made]) => made.size !== 1)).toEqual([]);
    expect(started.map(({ stream_name: stream }) => `${stream}-1`).sort()).toEqual([...uids.keys()].sort());
    expect((await platform.rows<{ status: string }>(`SELECT DISTINCT last_status AS status FROM api_gateway.experiments`)).map(({ status }) => status)).toEqual(['succeeded']);
  }, longMs + 120_000);
});
