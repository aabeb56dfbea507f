// How does a run on a cluster end, or go on, when it is not its program that decides: preempted, evicted, out of memory, never started, stopped by force, or its cluster away?
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { until, type Cluster } from '#testing';
import { clone, history, project, run, statuses, stop } from './asking.ts';
import { allow } from './kubernetes-rights.ts';
import { processes, type Platform } from './platform.ts';
import { command, file, latest, spec, startOf, stepsInStore } from './stored-training.ts';

export interface OnCluster {
  readonly platform: () => Platform;
  readonly cluster: () => Cluster;
  readonly namespace: string;
  readonly image: string;
  /** Made when it is first asked for. */
  readonly secondNode: () => Promise<string>;
}

const gpu = 'nvidia.com/gpu';
const greedy = `exec python3 -c "b = []\nwhile True: b.append(bytearray(10_000_000))"`;
const longMs = 240_000;

/** Saves every twenty steps as PyTorch does, and when it is asked to end if SAVES says so; it tells each step. */
const training = `
import glob, json, os, re, signal, sys, time, zipfile
from polyaxon_client.tracking import log_metrics
folder = os.environ['POLYAXON_RUN_OUTPUTS_PATH']
found = max(((int(re.findall('[0-9]+', os.path.basename(path))[0]), path) for path in glob.glob(folder + '/checkpoint*.pth')), default=None)
step = json.loads(zipfile.ZipFile(found[1]).read('archive/data.pkl')) if found else 0
print('starts at', step, flush=True)
def save():
    path = '%s/checkpoint%d.pth' % (folder, step)
    with zipfile.ZipFile(path + '.part', 'w') as archive:
        archive.writestr('archive/data.pkl', json.dumps(step))
    os.replace(path + '.part', path)
    print('saved', step, flush=True)
def leave(*_):
    if os.environ.get('SAVES'):
        save()
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
while True:
    time.sleep(0.1)
    step += 1
    log_metrics(step=step, loss=1 / step)
    if step % 20 == 0:
        save()
    if step == 30 and os.environ.get('HUNGRY') and not found:
        import threading
        threading.stack_size(65536)
        for _ in range(int(os.environ['HUNGRY'])):
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
`;

/** Processes and threads that this machine, which is the node, may still have; as kubelet counts them. */
function spareTasks(): number {
  const read = (file: string) => readFileSync(`/proc/${file}`, 'utf8').trim();
  const most = Math.min(...['sys/kernel/pid_max', 'sys/kernel/threads-max'].map((file) => Number(read(file))));
  return most - Number(read('loadavg').split(' ')[3]!.split('/')[1]);
}

export function podEnds({ platform, cluster, namespace, image, secondNode }: OnCluster): void {
  const kubectl = (args: readonly string[], input?: object) => cluster().kubectl(['-n', namespace, ...args], input);
  const podsOf = ({ id }: { id: number }) => ['-l', `polyaxon.io/experiment=${id}`];
  const program = (environment: object, ...variables: string[][]) => ({ build: { image, env_vars: [['TRAINING', training], ...variables] }, environment });
  const begun = (cmd: string, environment: object = {}): Promise<ExperimentBody> => run(platform(), cmd, { build: { image }, environment: { max_restarts: 0, ...environment } });
  const logOf = async ({ id }: { id: number }) => (await platform().api('GET', `${project}/experiments/${id}/logs`)).text;
  const said = (experiment: { id: number }, pattern: RegExp) => until(`experiment ${experiment.id} says ${String(pattern)}`, async () => pattern.exec(await logOf(experiment)), longMs);
  const told = ({ id }: { id: number }, pattern: RegExp) => until(`experiment ${id} is said to be ${String(pattern)}`, async () => {
    const all = await statuses(platform(), id);
    return all.find(({ message }) => pattern.test(message ?? '')) ?? null;
  }, longMs);
  const isDone = ({ id }: { id: number }) => until(`experiment ${id} is done`, async () => {
    const body = await platform().experiment(id);
    return body.finished_at === null ? null : body;
  }, longMs);
  /** A variable of it. */
  const ofScheduler = (name: string) => new RegExp(`(?:^|\\0)${name}=([^\\0]*)`).exec(readFileSync(`/proc/${platform().pids('scheduler')[0]}/environ`, 'utf8'))?.[1] ?? '';
  /** What its scheduler says that keeps it from being ready. */
  const notReady = async () => {
    const answer = await fetch(`http://127.0.0.1:${ofScheduler('POLYAXON_PORT')}/ready`);
    return answer.status === 503 ? answer.text() : null;
  };
  const lost = async ({ id }: { id: number }) => {
    const events = (await platform().api('GET', `${project}/experiments/${id}/history`)).body as { type: string; data: { seconds: number; steps: number | null; cause: string } }[];
    return events.filter(({ type }) => type === 'ExperimentWorkLost').map(({ data }) => data);
  };

  it('makes room for something more important, and goes on from its last checkpoint when that is gone', async () => {
    await cluster().kubectl(['patch', 'node', '127.0.0.1', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { capacity: { [gpu]: '1' }, allocatable: { [gpu]: '1' } } })]);
    await cluster().kubectl(['create', 'priorityclass', 'urgent', '--value=1000']);
    const experiment = await run(platform(), 'exec python3 -c "$TRAINING"', program({ resources: { gpu: { requests: 1, limits: 1 } }, max_restarts: 0 }));
    await said(experiment, /saved 20\n/);
    await until('its checkpoint is in the store', () => file(platform(), experiment, 'checkpoint20.pth'), longMs);
    await kubectl(['create', '-f', '-'], urgentPod(image));
    const { message } = await told(experiment, /^attempt 1 was preempted, for something more important/);
    expect(message).toMatch(/it goes on by itself from its last whole checkpoint.*\(1 of 50 times/);
    await told(experiment, /Insufficient nvidia\.com\/gpu.*it starts by itself when there is room/); // the other one has its place
    await kubectl(['delete', 'pod', 'urgent', '--grace-period=0', '--force']);
    const [, start] = await said(experiment, /--- attempt 2 ---\nstarts at (\d+)\n/);
    expect(Number(start) % 20).toBe(0);
    expect(Number(start)).toBeGreaterThanOrEqual(20);
    const [work] = await lost(experiment);
    expect(work).toMatchObject({ cause: 'preempted', seconds: expect.any(Number), steps: expect.any(Number) });
    expect(work!.seconds).toBeGreaterThan(0);
    await until('it is seen to have read its checkpoint while it runs', async () => (await history(platform(), experiment.id)).includes('RunCheckpointSeen'), longMs);
    expect(await stop(platform(), experiment.id)).toMatchObject({ last_status: 'stopped', attempt: 2 });
  }, 2 * longMs);

  it('is drained from its node with the checkpoint that it wrote on SIGTERM, and its token is dead when its pod is gone', async () => {
    const copying = '[ -e "$POLYAXON_RUN_OUTPUTS_PATH/token" ] || cp /polyaxon/secret/token "$POLYAXON_RUN_OUTPUTS_PATH/token"';
    const experiment = await run(platform(), `${copying}; exec python3 -c "$TRAINING"`, program({ max_restarts: 0 }, ['SAVES', '1']));
    await said(experiment, /saved 20\n/);
    const token = (await until('its token is in its outputs', () => file(platform(), experiment, 'token'), longMs)).trim();
    const asRun = () => platform().api('GET', `${project}/experiments/${experiment.id}`, undefined, { token });
    expect((await asRun()).status).toBe(200);
    const objects = await kubectl(['get', 'pods,jobs', ...podsOf(experiment), '-o', 'json']);
    expect(objects).toContain(`run-${experiment.id}-1`);
    expect(objects).not.toContain(token);
    await cluster().kubectl(['drain', '127.0.0.1', '--ignore-daemonsets', '--force', '--delete-emptydir-data', `--pod-selector=polyaxon.io/experiment=${experiment.id}`, '--timeout=120s']);
    await told(experiment, /^attempt 1 was evicted from its node/);
    expect(await until('its token is refused', async () => {
      const { status, body } = await asRun();
      return status === 401 ? (body as { detail: string }).detail : null;
    }, longMs)).toBe(`this token was good for attempt 1 of experiment ${experiment.id}, which has ended`);
    await cluster().kubectl(['uncordon', '127.0.0.1']);
    const [text, start] = await said(experiment, /[^]*--- attempt 2 ---\nstarts at (\d+)\n/);
    const saved = [...text.split('--- attempt 2 ---')[0]!.matchAll(/saved (\d+)/g)].map(([, step]) => Number(step));
    expect(Number(start)).toBe(saved.at(-1));
    await stop(platform(), experiment.id);
  }, 2 * longMs);

  it('is evicted by a node that is short of something, and goes on from its last checkpoint; one that writes more to the disk than it may has failed', async () => {
    const room = 1500;
    const disk = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'disk' }, spec: { limits: [{ type: 'Container', default: { 'ephemeral-storage': '20Mi' } }] } };
    await cluster().configureNode('127.0.0.1', { localStorageCapacityIsolation: true, evictionHard: { 'pid.available': String(spareTasks() - room) }, evictionPressureTransitionPeriod: '1s' });
    try {
      const hungry = await run(platform(), 'exec python3 -c "$TRAINING"', program({ max_restarts: 0 }, ['HUNGRY', String(2 * room)]));
      await said(hungry, /saved 20\n/);
      const { message } = await told(hungry, /^attempt 1 was evicted from its node/);
      expect(message).toMatch(/low on resource: pids.*it goes on by itself from its last whole checkpoint/);
      const [text, start] = await said(hungry, /[^]*--- attempt 2 ---\nstarts at (\d+)\n/);
      expect(Number(start)).toBeGreaterThanOrEqual(20);
      expect(text).toContain(`saved ${start}\n`);
      expect((await lost(hungry))[0]).toMatchObject({ cause: 'evicted', steps: expect.any(Number) });
      // only now: what is short of processes might take this one, too
      await kubectl(['create', '-f', '-'], disk);
      const full = await begun('echo before; head -c 200000000 /dev/zero > big; echo after; exec sleep 600');
      const done = await isDone(full);
      expect([done.last_status, done.last_status_message]).toEqual(['failed', expect.stringMatching(/it wrote more to the disk of its node than it may: .*ephemeral.*Let it keep less there/)]);
      expect(platform().log(full)).toBe('before\nafter\n');
      expect(await stop(platform(), hungry.id)).toMatchObject({ last_status: 'stopped', attempt: 2 });
    } finally {
      await kubectl(['delete', 'limitrange', 'disk', '--ignore-not-found']);
      await cluster().configureNode('127.0.0.1');
    }
  }, 3 * longMs);

  it('tells apart why it ended or does not begin, and what to do', async () => {
    const cases = [
      { cmd: greedy, more: { resources: { memory: { requests: '64Mi', limits: '64Mi' } } }, status: 'failed', says: /memory.*raise resources\.memory\.limits/ },
      { cmd: 'exit 7', status: 'failed', says: /^exited with code 7/, code: 7 },
      { cmd: 'kill -KILL $$', status: 'failed', says: /SIGKILL|137/, code: 137 },
      { cmd: 'true', more: { secret_refs: ['no-such-secret'] }, status: 'failed', says: /no-such-secret/ },
      { cmd: 'true', image: '127.0.0.1:1/no-such:1', status: 'failed', says: /127\.0\.0\.1:1\/no-such:1 can't be had \((ErrImagePull|ImagePullBackOff)\).*look at the name of the image \(build\.image\)/ },
      { cmd: 'true', image: 'Not/An:Image:Name', status: 'failed', says: /Not\/An:Image:Name can't be had \(InvalidImageName\).*look at the name of the image/ },
      { cmd: 'true', more: { resources: { cpu: { requests: 1000, limits: 1000 } } }, status: 'unschedulable', says: /Insufficient cpu.*ask for less in its environment/ },
    ];
    const runs = await Promise.all(cases.map((one) => run(platform(), one.cmd, { build: { image: one.image ?? image }, environment: { max_restarts: 0, ...one.more } })));
    const ends = await Promise.all(cases.map(async ({ status, code }, n) => {
      const body = await until(`experiment ${runs[n]!.id} is ${status}`, async () => {
        const one = await platform().experiment(runs[n]!.id);
        return one.last_status === status ? one : null;
      }, longMs);
      if (code !== undefined) expect(body.exit_code).toBe(code);
      return body.last_status_message ?? '';
    }));
    for (const [n, { says }] of cases.entries()) expect(ends[n]).toMatch(says);
    const printed = await platform().cli(platform().folder, 'experiment', '-p', project, '-xp', String(runs[0]!.id), 'get');
    expect(printed.out + printed.err).toContain('raise resources.memory.limits');
    expect(await stop(platform(), runs.at(-1)!.id)).toMatchObject({ last_status: 'stopped' });
  }, 2 * longMs);

  it('shows its build steps while they run, and what is carried', async () => {
    const building = { build: { image, build_steps: ['while [ ! -e "$POLYAXON_RUN_OUTPUTS_PATH/go" ]; do sleep 0.2; done'] }, environment: { max_restarts: 0 } };
    const experiment = await run(platform(), 'sleep 600', building);
    await until('it is building', async () => (await platform().experiment(experiment.id)).last_status === 'building', longMs);
    const report = async () => (await platform().rows<{ report: { is_building: boolean; carrying: object | null } }>(`SELECT report FROM scheduler.reports WHERE experiment_id = ${experiment.id}`))[0]?.report;
    await until('it says so', async () => (await report())?.is_building === true, longMs);
    touchInside(experiment.id, 'go');
    await until('it runs', async () => (await platform().experiment(experiment.id)).last_status === 'running', longMs);
    await until('it says how far the store is behind', async () => (await report())?.carrying ?? null, longMs);
    await stop(platform(), experiment.id);
  }, 2 * longMs);

  it('is gone after its grace when it ignores that it is asked to end', async () => {
    const experiment = await begun(`trap '' TERM; echo ready; while :; do sleep 0.2; done`, { grace_period_seconds: 2 });
    await said(experiment, /ready/);
    const asked = performance.now();
    expect(await stop(platform(), experiment.id)).toMatchObject({ last_status: 'stopped' });
    expect(performance.now() - asked).toBeLessThan(60_000);
    await until('its pod is gone', async () => (await kubectl(['get', 'pods', ...podsOf(experiment), '-o', 'name'])) === '', longMs);
  }, longMs);

  it('prints what its pod can never send, and has it in its log as far as its node still has it, or is told how much is gone', async () => {
    const mend = cluster().cutOff(new URL(ofScheduler('POLYAXON_KUBERNETES_GATEWAY_URL')).host);
    try {
      const [kept, rotated] = await Promise.all([`printf 'one\\r\\ntwo\\n'; seq 1 2000; printf end; exit 3`, 'yes 0123456789 | head -c 11000000'].map((cmd) => begun(cmd)));
      expect(await isDone(kept!)).toMatchObject({ last_status: 'failed', exit_code: 3 });
      expect(platform().log(kept!)).toBe(`one\r\ntwo\n${Array.from({ length: 2000 }, (_, n) => `${n + 1}\n`).join('')}end\n`);
      expect(await isDone(rotated!)).toMatchObject({ last_status: 'succeeded' });
      expect(platform().log(rotated!)).toBe('[11000000 bytes of console output never arrived: they went with the pod or the machine of its program]\n'); // kubelet begins another file at 10 MiB
    } finally {
      mend();
    }
  }, 2 * longMs);

  it('goes on when somebody else ends it, by its Job, a deadline or its pod, and keeps what it has printed; one that has ended has ended', async () => {
    const [ofJob, late, ofPod] = await Promise.all([1, 2, 3].map(() => run(platform(), 'exec python3 -c "$TRAINING"', program({ max_restarts: 0 }))));
    const brief = await begun('echo all of it; sleep 1');
    const jobOf = ({ id }: { id: number }) => `run-${id}-1`;
    const given = (one: { id: number }, spec: object) => until('its Job is there', () => kubectl(['patch', 'job', jobOf(one), '--type=merge', '-p', JSON.stringify({ spec })]), longMs);
    await given(brief, { ttlSecondsAfterFinished: 0 });
    for (const one of [ofJob!, late!, ofPod!]) await until(`the checkpoint of ${one.id} is in the store`, () => file(platform(), one, 'checkpoint20.pth'), longMs);
    await kubectl(['delete', 'job', jobOf(ofJob!), '--wait=false']);
    await given(late!, { activeDeadlineSeconds: 1 });
    await kubectl(['delete', 'pod', ...podsOf(ofPod!), '--wait=false']);
    const whys = [[ofJob!, /somebody has deleted its Job run-/], [late!, /its Job run-\d+-1 had a deadline of 1 s \(activeDeadlineSeconds\)/], [ofPod!, /somebody has deleted its pod run-/]] as const;
    for (const [one, why] of whys) {
      const { message } = await told(one, /^attempt 1 was taken away, which is no fault of its program/);
      expect(message).toMatch(why);
      const [text, start] = await said(one, /^starts at 0\n[^]*saved 20\n[^]*--- attempt 2 ---\nstarts at (\d+)\n/);
      expect(text).toContain(`saved ${start}\n`);
      expect(await stop(platform(), one.id)).toMatchObject({ last_status: 'stopped', attempt: 2 });
    }
    expect(await isDone(brief)).toMatchObject({ last_status: 'succeeded', attempt: 1 });
    expect(platform().log(brief)).toBe('all of it\n');
  }, 2 * longMs);

  it('waits while its cluster forbids what it needs, says what that is, and begins when it may', async () => {
    const give = (without?: string) => allow(cluster(), namespace, without);
    await give('create secrets');
    try {
      const experiment = await begun('echo here');
      await told(experiment, /forbids.* create .*secret.*it goes on by itself/i);
      expect(await until('its scheduler is not ready', notReady, longMs)).toMatch(new RegExp(`the cluster forbids the scheduler to create secrets in namespace ${namespace}: a Role has to allow it`));
      expect((await platform().experiment(experiment.id)).last_status).toBe('starting');
      await give();
      expect(await isDone(experiment)).toMatchObject({ last_status: 'succeeded', attempt: 1 });
      expect(await until('its scheduler is ready', async () => (await notReady()) === null, longMs)).toBe(true);
    } finally {
      await give();
    }
  }, 2 * longMs);

  it('waits while its cluster is away, says so, and begins when it is back', async () => {
    await cluster().control.stopApiServer('SIGKILL');
    try {
      const experiment = await begun('echo here');
      expect(await until('its scheduler is not ready', notReady, longMs)).toMatch(/cluster.*can't be reached/);
      await told(experiment, /can't be reached.*it goes on by itself when the cluster answers/);
      expect((await platform().experiment(experiment.id)).last_status).toBe('starting');
      await cluster().control.startApiServer();
      expect(await isDone(experiment)).toMatchObject({ last_status: 'succeeded' });
    } finally {
      await cluster().control.startApiServer().catch(() => undefined);
    }
  }, 2 * longMs);

  it('is stopped on a node whose kubelet answers no more, and a resume is the only one that writes', async () => {
    const name = await secondNode();
    await cluster().kubectl(['cordon', '127.0.0.1']);
    const experiment = await run(platform(), command, spec(100_000, image));
    await stepsInStore(platform(), experiment, 3, longMs);
    await cluster().kubectl(['uncordon', '127.0.0.1']);
    const kubelets = processes().filter(({ command: line }) => line.includes(`--hostname-override=${name} `) && line.includes(`${cluster().folder}/`)).map(({ pid }) => pid);
    expect(kubelets).toHaveLength(1);
    process.kill(kubelets[0]!, 'SIGSTOP'); // its containers go on
    try {
      await platform().api('POST', `${project}/experiments/${experiment.id}/stop`);
      expect(await isDone(experiment)).toMatchObject({ last_status: 'stopped' });
      const step = await latest(platform(), experiment);
      const resumed = await clone(platform(), 'resume', experiment.id, { params: { steps: 5 } });
      expect(await isDone(resumed)).toMatchObject({ last_status: 'succeeded' });
      const start = startOf(platform().log(resumed));
      expect(start).toBeGreaterThanOrEqual(step);
      expect(await latest(platform(), resumed)).toBe(start + 5); // who still runs over there writes steps far beyond it, and none is taken
    } finally {
      process.kill(kubelets[0]!, 'SIGCONT');
    }
    await until('nothing of it is left', async () => (await kubectl(['get', 'pods', ...podsOf(experiment), '-o', 'name'])) === '', longMs);
  }, 2 * longMs);
}

/** As one of its own processes would: nodes of these tests are this machine. */
function touchInside(id: number, name: string): void {
  const variable = new RegExp(`POLYAXON_RUN_OUTPUTS_PATH=([^\\0]*/experiments/${id})\\0`);
  const [inside] = processes().flatMap(({ pid, environment }) => variable.exec(environment)?.slice(1).map((folder) => join(`/proc/${pid}/root`, folder, name)) ?? []);
  if (inside === undefined) throw new Error(`no process of experiment ${id} is here to write ${name}`);
  writeFileSync(inside, '');
}

function urgentPod(image: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'urgent' },
    spec: {
      priorityClassName: 'urgent', restartPolicy: 'Never', automountServiceAccountToken: false, terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{
        name: 'urgent', image, imagePullPolicy: 'Never', command: ['sleep', '600'], resources: { limits: { [gpu]: '1' } },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      }],
    },
  };
}
