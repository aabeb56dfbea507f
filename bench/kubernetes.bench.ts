// How long does a cluster wait for us: from a request to its Job, from a phase of a pod to our answer, and a thousand Jobs at once?
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import type { ExperimentBody } from '#contracts';
import { Cluster } from '../tools/stack/kube/cluster.ts';
import { startPlatform, type ScratchPlatform } from './platform.ts';
import { correct, median, type BenchResult } from './result.ts';
import { inMemory, inScratch } from './scratch.ts';

const submissions = Number(process.env.SUBMISSIONS ?? 1000);
const oneByOne = 60;
/** As many as the scheduler launches at a time. */
const concurrency = 16;
const withinMs = 300_000;
const namespace = 'runs';
const polyaxonfile = JSON.stringify({ version: 1, kind: 'experiment', build: { image: 'played' }, run: { cmd: 'true' } });

/** On nodes that are played by kwok: a real API server, real controllers, no containers. */
export function bench(): Promise<BenchResult[]> {
  return inScratch(inMemory, async (folder, later) => {
    const cluster = await Cluster.start('sched');
    later(() => cluster.stop());
    await cluster.kubectl(['create', 'namespace', namespace]);
    const platform = await startPlatform(folder, later, {
      POLYAXON_EXECUTOR: 'kubernetes',
      POLYAXON_KUBERNETES_KUBECONFIG: cluster.kubeconfig,
      POLYAXON_KUBERNETES_NAMESPACE: namespace,
      POLYAXON_KUBERNETES_OUTPUTS: `host:${join(folder, 'outputs')}`,
      POLYAXON_MAX_PREEMPTIONS: '0', // what is deleted to have room again is not to be done again
      POLYAXON_MAX_CONCURRENT_RUNS: String(2 * submissions),
    });
    await platform.call('POST', '/projects', { name: 'bench' });
    const api = new Api(cluster.kubeconfig);
    const rate = await creationRate(platform, cluster, api);
    await api.deleteJobs();
    const waits = await phases(platform, cluster, api);
    return [rate, ...waits];
  });
}

/**
 * All are accepted while the API server is frozen, and wait for it; then it goes on. No node has room, so nothing is measured but the making of Jobs, and what is
 * written down of each. How fast requests are taken is measured elsewhere (`bench -- api`).
 */
async function creationRate(platform: ScratchPlatform, { control }: Cluster, api: Api): Promise<BenchResult> {
  const made = api.watchJobs();
  await pause(500);
  control.pauseApiServer();
  const ids = await inTurns(submissions, concurrency, async () => (await platform.call<ExperimentBody>('POST', '/root/bench/experiments', { content: polyaxonfile })).id);
  // those whose request was on its way for too long say that the cluster is away, and wait as the others do
  await until(async () => (await platform.call<{ count: number }>('GET', `/root/bench/experiments?limit=1&query=${encodeURIComponent('status:created|building|scheduled')}`)).count === 0);
  control.resumeApiServer();
  await until(() => made.size >= submissions);
  correct('each experiment has one Job', ids.every((id) => made.has(`run-${id}-1`)) && made.size === submissions);
  const times = [...made.values()].sort((one, other) => one - other);
  const ours = (1000 * (times.length - 1)) / (times.at(-1)! - times[0]!);
  const [job, secret] = await Promise.all([api.get(`/apis/batch/v1/namespaces/${namespace}/jobs/run-${ids[0]}-1`), api.get(`/api/v1/namespaces/${namespace}/secrets/run-${ids[0]}-1`)]);
  const began = performance.now();
  await inTurns(submissions, concurrency, async (n) => {
    await api.post(`/api/v1/namespaces/${namespace}/secrets`, renamed(secret, `bare-${n}`));
    await api.post(`/apis/batch/v1/namespaces/${namespace}/jobs`, renamed(job, `bare-${n}`));
  });
  const theirs = (1000 * submissions) / (performance.now() - began);
  const [name, peer] = [`${submissions} Jobs made, with their Secrets, of runs that wait for the API server`, `a bare loop of the same calls, ${concurrency} at a time`];
  return { name, peer, ours, theirs, ratio: ours / theirs, goal: 0.8, bound: 'at least', unit: 'Jobs/s' };
}

/** One after the other: each has the platform for itself. */
async function phases(platform: ScratchPlatform, cluster: Cluster, api: Api): Promise<BenchResult[]> {
  await cluster.addFakeNodes(4);
  const [jobs, pods] = [api.watchJobs(), api.watchPods()];
  const [toJob, toAnswer]: [number[], number[]] = [[], []];
  for (let n = 0; n <= oneByOne; n += 1) {
    const { id } = await platform.call<ExperimentBody>('POST', '/root/bench/experiments', { content: polyaxonfile });
    const acceptedAt = performance.now();
    const job = `run-${id}-1`;
    let answeredAt = 0;
    const deadline = performance.now() + withinMs;
    for (; answeredAt === 0 && performance.now() < deadline; await pause(5)) {
      const { last_status: status } = await platform.call<ExperimentBody>('GET', `/root/bench/experiments/${id}`);
      if (['running', 'succeeded', 'failed'].includes(status)) answeredAt = performance.now();
    }
    if (n === 0) continue; // the first one warms up
    await until(() => jobs.has(job) && pods.has(job));
    toJob.push(jobs.get(job)! - acceptedAt);
    toAnswer.push(answeredAt - pods.get(job)!);
  }
  const p99 = [...toAnswer].sort((one, other) => one - other)[Math.floor(toAnswer.length * 0.99)]!;
  return [
    { name: 'accepted request to its Job, p50', peer: null, ours: median(toJob), theirs: null, ratio: null, goal: 150, bound: 'at most', unit: 'ms' },
    { name: 'phase of a pod to the answer of the API, p99', peer: null, ours: p99, theirs: null, ratio: null, goal: 300, bound: 'at most', unit: 'ms' },
  ];
}

type Body = Record<string, unknown> & { metadata: Record<string, unknown> };

/** The bare API, with kept connections. */
class Api {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2 * concurrency });
  readonly #server: string;
  readonly #tls: { ca: Buffer; cert: Buffer; key: Buffer };

  constructor(kubeconfig: string) {
    const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as { clusters: [{ cluster: Record<string, string> }]; users: [{ user: Record<string, string> }] };
    const decoded = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64');
    const [{ cluster }, { user }] = [clusters[0], users[0]];
    this.#server = cluster.server ?? '';
    this.#tls = { ca: decoded(cluster['certificate-authority-data']), cert: decoded(user['client-certificate-data']), key: decoded(user['client-key-data']) };
  }

  async get(path: string): Promise<Body> {
    return JSON.parse(await this.#ask('GET', path)) as Body;
  }

  /** And waits until they are gone, with their pods. */
  async deleteJobs(): Promise<void> {
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs`;
    await until(async () => {
      await this.#ask('DELETE', `${path}?propagationPolicy=Foreground`).catch(() => undefined); // so many may take it longer than a request may
      return (await this.get(`${path}?limit=1`) as { items?: unknown[] }).items?.length === 0;
    });
  }

  async post(path: string, body: object): Promise<void> {
    await this.#ask('POST', path, JSON.stringify(body));
  }

  /** When each Job was there. */
  watchJobs(): ReadonlyMap<string, number> {
    return this.#watch(`/apis/batch/v1/namespaces/${namespace}/jobs`, ({ metadata }) => metadata.name as string);
  }

  /** When the pod of each Job ran. */
  watchPods(): ReadonlyMap<string, number> {
    return this.#watch(`/api/v1/namespaces/${namespace}/pods`, (pod) => {
      const { phase } = pod.status as { phase: string };
      return phase === 'Running' || phase === 'Succeeded' ? (pod.metadata.labels as Record<string, string>)['job-name'] : undefined;
    });
  }

  #watch(path: string, nameOf: (object: Body) => string | undefined): ReadonlyMap<string, number> {
    const seen = new Map<string, number>();
    let rest = '';
    request(`${this.#server}${path}?watch=true&timeoutSeconds=3600`, { ...this.#tls, method: 'GET' }, (answer) => {
      answer.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const name = nameOf((JSON.parse(line) as { object: Body }).object);
          if (name !== undefined && !seen.has(name)) seen.set(name, performance.now());
        }
      });
    }).once('error', () => undefined).end();
    return seen;
  }

  #ask(method: string, path: string, body?: string): Promise<string> {
    return new Promise((done, failed) => {
      const asked = request(`${this.#server}${path}`, { ...this.#tls, agent: this.#agent, method, headers: { 'content-type': 'application/json' } }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString())).once('end', () => ((answer.statusCode ?? 500) < 300 ? done(text) : failed(new Error(`${method} ${path}: ${answer.statusCode} ${text}`))));
      });
      asked.once('error', failed).end(body);
    });
  }
}

/** The same object under another name, as if it had never been made; nobody's, so that nobody adopts or removes it. */
function renamed({ metadata: _, status: __, ...object }: Body, name: string): object {
  const spec = object.spec as { selector?: unknown; template?: { metadata?: { labels?: unknown } } } | undefined;
  if (!spec) return { ...object, metadata: { name, namespace } };
  const { selector: ___, ...rest } = spec;
  return { ...object, metadata: { name, namespace }, spec: { ...rest, template: { ...spec.template, metadata: { labels: { app: 'bare' } } } } };
}

async function inTurns<Answer>(count: number, atOnce: number, work: (n: number) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let n = next++; n < count; n = next++) answers[n] = await work(n);
  }));
  return answers;
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + withinMs; !(await isTrue()); await pause(5)) {
    if (performance.now() > deadline) throw new Error(`it did not happen within ${withinMs / 1000} s`);
  }
}
