// How fast do the lines of a pod get into the archive, and what does that cost, against `kubectl logs -f` of the same output?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExperimentBody } from '#contracts';
import { runLogPath } from '#layout';
import { freePort } from '../tools/stack/free-port.ts';
import { Cluster } from '../tools/stack/kube/cluster.ts';
import { programOf } from '../tools/stack/kube/provide.ts';
import { startPlatform, type ScratchPlatform } from './platform.ts';
import { correct, median, type BenchResult } from './result.ts';
import { inMemory, inScratch } from './scratch.ts';

const lines = Number(process.env.POD_LOG_LINES ?? 1_000_000);
const lineBytes = 100;
const repetitions = 3;
const withinMs = 300_000;
const clockTicksPerSecond = 100; // of Linux, in what it tells other programs
const namespace = 'runs';
const image = 'polyaxon.test/python:test';
/** Whoever follows has time to begin; then it prints when it began, in nanoseconds, and all of it at full speed. */
const command = `echo ready; sleep 8; date +%s%N; seq -f %0${lineBytes - 1}.0f ${lines}`;
const stampBytes = 20;
const outputBytes = 'ready\n'.length + stampBytes + lines * lineBytes;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly cpuSeconds: number;
}

/** Whose processor time counts. */
type Takers = (one: Process, parent: Process | undefined) => boolean;

interface Run {
  readonly linesPerSecond: number;
  readonly cpuSeconds: number;
}

/** A real node with real containers; the kubelet rotates nothing, since what it rotates `kubectl logs -f` may lose. */
export function bench(): Promise<BenchResult[]> {
  return inScratch(inMemory, async (folder, later) => {
    const cluster = await Cluster.start('node', { logBytes: 4 * outputBytes });
    later(() => cluster.stop());
    await cluster.kubectl(['create', 'namespace', namespace]);
    const port = await freePort();
    const platform = await startPlatform(folder, later, {
      POLYAXON_EXECUTOR: 'kubernetes', POLYAXON_KUBERNETES_KUBECONFIG: cluster.kubeconfig, POLYAXON_KUBERNETES_NAMESPACE: namespace, POLYAXON_KUBERNETES_PLATFORM_IMAGE: 'polyaxon.test/platform:test',
      POLYAXON_KUBERNETES_IMAGE_PULL_POLICY: 'Never', POLYAXON_PORT: String(port), POLYAXON_KUBERNETES_GATEWAY_URL: `http://${await cluster.reach(port)}`, POLYAXON_KUBERNETES_RUN_AS_USER: '1000',
    });
    await platform.call('POST', '/projects', { name: 'bench' });
    const [ours, theirs]: [Run[], Run[]] = [[], []];
    for (let n = 0; n <= repetitions; n += 1) {
      const pair = [await followed(cluster, n), await collected(platform, takersOfOurs(cluster, platform))] as const;
      if (n === 0) continue; // both are new to the machine
      theirs.push(pair[0]);
      ours.push(pair[1]);
    }
    return [
      row('lines of a pod, as they are printed', ours, theirs, ({ linesPerSecond }) => linesPerSecond, 'at least', 'lines/s'),
      row(`processor time for ${lines} lines of ${lineBytes} bytes`, ours, theirs, ({ cpuSeconds }) => cpuSeconds, null, 's'),
    ];
  });
}

function row(name: string, ours: readonly Run[], theirs: readonly Run[], of: (run: Run) => number, bound: 'at least' | null, unit: string): BenchResult {
  const [mine, other] = [median(ours.map(of)), median(theirs.map(of))];
  return { name, peer: 'kubectl logs -f', ours: mine, theirs: other, ratio: mine / other, goal: bound ? 1 : null, bound: bound ?? 'at most', unit };
}

async function followed(cluster: Cluster, n: number): Promise<Run> {
  const name = `prints-${n}`;
  const container = { name: 'one', image, imagePullPolicy: 'Never', command: ['/bin/sh', '-c', command] };
  await cluster.kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { restartPolicy: 'Never', containers: [container] } });
  await cluster.until('the pod runs', ['get', 'pod', name, '-o', 'jsonpath={.status.phase}'], (phase) => phase === 'Running');
  const takers = takersOfTheirs(cluster);
  const before = cpuOf(takers);
  const child = spawn(programOf('kubectl'), ['--kubeconfig', cluster.kubeconfig, 'logs', '-f', name], { stdio: ['ignore', 'pipe', 'inherit'] });
  let [received, head] = [0, ''];
  let done = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (head.length < 200) head += chunk.toString('latin1');
    if (received >= outputBytes) {
      done ||= Date.now();
      cpu ??= cpuOf(takers) - before; // while the process is still there
    }
  });
  let cpu: number | undefined;
  await once(child, 'close');
  correct(`kubectl has all ${outputBytes} bytes, not ${received}`, received === outputBytes);
  await cluster.kubectl(['delete', 'pod', name, '--wait=false', '--grace-period=0', '--force']);
  return { linesPerSecond: rateFrom(head, done), cpuSeconds: cpu ?? 0 };
}

async function collected(platform: ScratchPlatform, takers: Takers): Promise<Run> {
  const content = JSON.stringify({ version: 1, kind: 'experiment', build: { image }, run: { cmd: command } });
  const { id, logs_path: path } = await platform.call<ExperimentBody>('POST', '/root/bench/experiments', { content });
  const file = join(platform.home, 'logs', runLogPath(path));
  const size = async () => (await stat(file).catch(() => ({ size: 0 }))).size;
  const deadline = performance.now() + withinMs;
  while ((await size()) < 6 && performance.now() < deadline) await pause(50);
  const before = cpuOf(takers);
  while ((await size()) < outputBytes && performance.now() < deadline) await pause(2);
  const done = Date.now();
  const cpuSeconds = cpuOf(takers) - before;
  correct(`the archive has all ${outputBytes} bytes, not ${await size()}`, (await size()) === outputBytes);
  for (let status = ''; !['succeeded', 'failed'].includes(status) && performance.now() < deadline; await pause(100)) status = (await platform.call<ExperimentBody>('GET', `/root/bench/experiments/${id}`)).last_status;
  return { linesPerSecond: rateFrom(readFileSync(file, 'latin1').slice(0, 200), done), cpuSeconds };
}

function rateFrom(head: string, doneMs: number): number {
  const began = Number(head.split('\n')[1]) / 1e6;
  return (1000 * lines) / (doneMs - began);
}

/** Of all processes that there are now. */
function cpuOf(takes: Takers): number {
  const all = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => processOf(Number(name))).map((one) => [one.pid, one]));
  return [...all.values()].filter((one) => takes(one, all.get(one.parent))).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

function processOf(pid: number): Process[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ');
    return [{ pid, parent: Number(fields[1]), command, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond }];
  } catch {
    return []; // it ended while we looked
  }
}

/** What carries the lines on this node, and the two services they go through. */
function takersOfOurs(cluster: Cluster, platform: ScratchPlatform): Takers {
  return ({ parent, command }, above) =>
    (parent === platform.pid && /apps\/(api-gateway|log-collector)\//.test(command)) || (command.includes(cluster.folder) && /kubelet|containerd/.test(command)) ||
    (command.includes('carrier/src/main.js attend') && above?.command.includes(cluster.folder) === true);
}

function takersOfTheirs(cluster: Cluster): Takers {
  return ({ command }) => command.includes(cluster.folder) && /kubectl|kube-apiserver|kubelet|containerd/.test(command);
}
