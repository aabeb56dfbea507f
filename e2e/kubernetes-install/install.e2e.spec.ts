// Does `helm install` make a platform on a real cluster that a person can use, and do runs go on through upgrade, dead instances, rollback and removal?
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasKafka, until, withCluster, withS3 } from '#testing';
import { image, Installed, services } from './installed.ts';
import { hasDocker } from '../composed.ts';
import { pythonImage } from '../../tools/stack/kube/images.ts';
import { reachArguments, reachProgram } from './reaching.ts';
import { endless, polyaxonfile, training } from '../uploaded-training.ts';

const project = 'root/installed';
const allOf = (tag: number, instances: number) => Object.fromEntries(services.map((one) => [one, Array.from({ length: instances }, () => `${image}:${tag}`)]));

const all = hasDocker('helm install') && hasKafka('4.2.0');
if (all)
  withCluster('node', 'helm install', (openCluster) => {
    withS3('the platform in a cluster', (openStore) => {
      let installed: Installed;
      let workspace: string;
      let notes: string;
      let live: number;
      let pod: string;

      beforeAll(async () => {
        installed = await Installed.prepare(() => openCluster(), openStore);
        const more = { 'few.yml': 'params: {steps: 20}\n', 'mighty.yml': 'environment: {privileged: true}\n' };
        workspace = installed.workspace({ 'train.py': training, 'reach.py': reachProgram, 'polyaxonfile.yml': polyaxonfile(endless), ...more });
        notes = await installed.install();
      }, 1_200_000);
      afterAll(() => installed?.close(), 180_000);

      const polyaxon = async (...args: string[]): Promise<string> => {
        const { code, out, err } = await installed.cli(workspace, args);
        expect([args.join(' '), code, code === 0 ? '' : err]).toEqual([args.join(' '), 0, '']);
        return out;
      };
      /** The number of the experiment that the command has made. */
      const made = async (...args: string[]): Promise<number> => Number((JSON.parse(await polyaxon(...args, '-o', 'json')) as { id: number }).id);
      const stepOf = async (id: number): Promise<number> => Number((JSON.parse((await installed.output(project, id, 'state.json')) ?? '{"step": 0}') as { step: number }).step);
      const trained = (id: number, steps: number): Promise<unknown> =>
        until(`experiment ${id} has trained ${steps} steps`, async () => (await stepOf(id)) >= steps, 180_000).catch((error: Error) => installed.explain(error, project, id));
      const stepsFrom = (first: number, last: number): string[] => Array.from({ length: last - first }, (_, index) => `step ${first + index + 1}`);
      const stopped = async (id: number): Promise<void> => {
        await polyaxon('experiment', '-xp', String(id), 'stop', '-y');
        await installed.status(project, id, 'stopped');
      };
      const evicted = (name: string): Promise<string> => {
        const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'ml' } };
        return installed.kubectl(['create', '--raw', `/api/v1/namespaces/ml/pods/${name}/eviction`, '--filename', '-'], eviction).then(() => 'evicted', (error: Error) => error.message);
      };
      const pods = (...more: string[]): Promise<string> => installed.kubectl(['get', 'pods', '--namespace', 'ml-runs', '--output', 'name', ...more]);
      const noted = (mark: string): string => notes.split('\n').find((line) => line.includes(mark))?.trim() ?? `there is no ${mark} in ${notes}`;

      it('lets a person in as its notes say', async () => {
        expect(await installed.images()).toEqual(allOf(1, 1));
        expect(await installed.shell(noted('| polyaxon login'))).toMatchObject({ code: 0 });
        await polyaxon('project', 'create', '--name', 'installed', '--init');
      }, 60_000);

      it('runs, stops, resumes, restarts and copies a training whose code was uploaded', async () => {
        const first = await made('run', '-u', '-f', 'polyaxonfile.yml');
        await trained(first, 3);
        await stopped(first);
        const reached = await stepOf(first);
        const lines = await installed.log(project, first);
        expect(lines).toEqual(['from step 0', ...stepsFrom(0, lines.length - 1)]);
        expect(reached).toBeGreaterThanOrEqual(3);
        expect(reached).toBeLessThanOrEqual(lines.length);

        const copied = await made('experiment', '-xp', String(first), 'restart', '--copy', '-f', 'few.yml');
        const restarted = await made('experiment', '-xp', String(first), 'restart', '-f', 'few.yml');
        const resumed = await made('experiment', '-xp', String(first), 'resume', '-f', 'few.yml');
        for (const [id, from] of [[copied, reached], [restarted, 0], [resumed, reached]] as const) {
          await installed.status(project, id, 'succeeded');
          expect([id, (await installed.log(project, id))[0]]).toEqual([id, `from step ${from}`]);
        }
        expect(await Promise.all([first, copied, restarted].map(stepOf))).toEqual([Math.max(reached, 20), Math.max(reached, 20), 20]);
        await until('nothing is left of what is over', async () => (await pods()) === '', 60_000);
      }, 300_000);

      it('refuses what no run may have, by the name of the rule', async () => {
        const { code, err } = await installed.cli(workspace, ['run', '-f', 'polyaxonfile.yml', '-f', 'mighty.yml']);
        expect([code, err]).toEqual([4, expect.stringContaining('policy rule privileged')]);
      }, 60_000);

      it('goes on with its runs through an upgrade to Kafka and two of each service', async () => {
        live = await made('run', '-u', '-f', 'polyaxonfile.yml');
        await trained(live, 3);
        pod = await pods();
        await installed.openKafka();
        await installed.helm('upgrade', 'deploy/kubernetes', ...(await installed.inPods()), '--wait', '--timeout', '4m');
        await until('the former pods are gone', async () => (await installed.pods()).length === 8, 60_000);
        expect(await installed.images()).toEqual(allOf(2, 2));
        await trained(live, (await stepOf(live)) + 1);
        expect(await pods()).toBe(pod);
        expect(await installed.shell('polyaxon whoami')).toMatchObject({ code: 0 }); // the login holds: its secrets are the same
      }, 420_000);

      it('lets runs reach what they must and nothing else, and nobody else its services', async () => {
        const { database, brokers, bucketAt, cluster } = installed;
        const serviceOf = (one: string) => installed.kubectl(['get', 'service', `polyaxon-${one}`, '--namespace', 'ml', '--output', 'jsonpath={.spec.clusterIP}:{.spec.ports[0].port}']);
        const [gateway, scheduler] = [await serviceOf('api-gateway'), await serviceOf('scheduler')];
        const collector = (await installed.pods()).find(({ service }) => service === 'log-collector')!;
        const targets = { gateway, bucket: bucketAt, database, brokers, kubernetes: '10.96.0.1:443', scheduler, collector: `${collector.address}:8003` };
        const must = ['gateway', 'bucket'];
        const others = [...must, 'database', 'brokers', 'kubernetes'];

        const [given, wanted] = reachArguments(targets, must);
        writeFileSync(join(workspace, 'reach.sh'), `exec python3 reach.py '${given}' '${wanted}'\n`);
        writeFileSync(join(workspace, 'reach.yml'), 'version: 1\nkind: experiment\nrun: {cmd: sh reach.sh}\n');
        const run = await made('run', '-u', '-f', 'reach.yml');
        await installed.status(project, run, 'succeeded');
        expect(await installed.log(project, run)).toEqual([`reaches ${must.join(' ')}`]);

        await cluster.kubectl(['run', 'stranger', `--image=${pythonImage}`, '--image-pull-policy=Never', '--restart=Never', '--command', '--', 'python3', '-c', reachProgram, ...reachArguments(targets, others)]);
        const phase = () => cluster.kubectl(['get', 'pod', 'stranger', '--output', 'jsonpath={.status.phase}']);
        await until('the stranger has looked', async () => /Succeeded|Failed/.test(await phase()), 90_000);
        expect(await cluster.kubectl(['logs', 'stranger'])).toBe(`reaches ${others.join(' ')}\n`);
      }, 300_000);

      it('loses nothing when one of each service is killed', async () => {
        const second = await made('run', '-f', 'polyaxonfile.yml');
        const former = await installed.pods();
        const oldest = services.map((one) => former.find(({ service }) => service === one)!.name);
        await installed.kubectl(['delete', 'pods', '--namespace', 'ml', '--force', '--grace-period', '0', '--wait=false', ...oldest]);
        await trained(live, (await stepOf(live)) + 1);
        await trained(second, 3);
        for (const one of [live, second]) await stopped(one);
        const reached = await stepOf(live);
        const lines = await installed.log(project, live);
        expect(lines).toEqual(['from step 0', ...stepsFrom(0, lines.length - 1)]); // every line, once
        const resumed = await made('experiment', '-xp', String(live), 'resume', '-f', 'few.yml');
        await installed.status(project, resumed, 'succeeded');
        expect(await installed.log(project, resumed)).toEqual([`from step ${reached}`, ...stepsFrom(reached, 20)]);
        await until('there are two of each again', async () => (await installed.pods()).filter(({ isReady }) => isReady).length === 8, 120_000);
      }, 420_000);

      it('gives up one instance of a service at a time when a node is drained', async () => {
        for (const service of services) {
          const [first, second] = (await installed.pods()).filter((one) => one.service === service);
          expect(await evicted(first!.name)).toBe('evicted');
          expect(await evicted(second!.name)).toContain("Cannot evict pod as it would violate the pod's disruption budget");
        }
        await until('there are two of each again', async () => (await installed.pods()).filter(({ isReady }) => isReady).length === 8, 120_000);
      }, 240_000);

      it('goes on with its runs through a rollback', async () => {
        live = await made('run', '-f', 'polyaxonfile.yml');
        await trained(live, 3);
        pod = await pods();
        await installed.helm('rollback', '1', '--wait', '--timeout', '4m');
        await until('the former pods are gone', async () => (await installed.pods()).length === 4, 60_000);
        expect(await installed.images()).toEqual(allOf(1, 1));
        await trained(live, (await stepOf(live)) + 1);
        expect(await pods()).toBe(pod);
        await stopped(live);
        const lines = await installed.log(project, live);
        expect(lines).toEqual(['from step 0', ...stepsFrom(0, lines.length - 1)]);
      }, 420_000);

      it('keeps outputs on a volume as well, where a resume finds them', async () => {
        await installed.helm('upgrade', 'deploy/kubernetes', ...(await installed.onVolume()), '--wait', '--timeout', '4m');
        await until('the former pods are gone', async () => (await installed.pods()).length === 4, 60_000);
        const first = await made('run', '-u', '-f', 'polyaxonfile.yml');
        await trained(first, 3);
        await stopped(first);
        const reached = await stepOf(first);
        expect(reached).toBeGreaterThanOrEqual(3);
        const resumed = await made('experiment', '-xp', String(first), 'resume', '-f', 'few.yml');
        await installed.status(project, resumed, 'succeeded');
        expect(await installed.log(project, resumed)).toEqual([`from step ${reached}`, ...stepsFrom(reached, 20)]);
        const kept = join(installed.folder, 'outputs', project, 'experiments', String(first), 'state.json');
        expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({ step: Math.max(reached, 20) });
      }, 420_000);

      it('is removed, and its notes say how to take away what runs have left', async () => {
        live = await made('run', '-f', 'polyaxonfile.yml');
        await trained(live, 3);
        await installed.helm('uninstall', '--wait', '--timeout', '4m');
        const left = () => installed.kubectl(['get', 'deployments,services,pods', '--namespace', 'ml', '--output', 'name']);
        await until('the services are gone', async () => (await left()) === '', 90_000);
        expect(await pods()).toMatch(/^pod\/run-/);
        for (const mark of ['delete jobs', 'patch --type merge']) expect(await installed.shell(noted(mark))).toMatchObject({ code: 0 });
        await until('the pods are gone', async () => (await pods()) === '', 90_000);
      }, 300_000);
    }, ['versitygw']);
  });
