// Does `helm install` make a platform on a real cluster that a person can use, and do runs go on through upgrade, rollback and removal?
import { until, withCluster, withS3 } from '#testing';
import { image, Installed, services } from './installed.ts';
import { hasDocker } from '../composed.ts';
import { endless, polyaxonfile, training } from '../uploaded-training.ts';

const project = 'root/installed';
const allOf = (tag: number) => Object.fromEntries(services.map((one) => [one, `${image}:${tag}`]));

if (hasDocker('helm install'))
  withCluster('node', 'helm install', (openCluster) => {
    withS3('the platform in a cluster', (openStore) => {
      let installed: Installed;
      let workspace: string;
      let notes: string;

      beforeAll(async () => {
        installed = await Installed.prepare(() => openCluster(), openStore);
        workspace = installed.workspace({ 'train.py': training, 'polyaxonfile.yml': polyaxonfile(endless), 'few.yml': 'params: {steps: 20}\n', 'mighty.yml': 'environment: {privileged: true}\n' });
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
      const trained = (id: number, steps: number): Promise<unknown> => until(`experiment ${id} has trained ${steps} steps`, async () => (await stepOf(id)) >= steps, 90_000);
      const stepsFrom = (first: number, last: number): string[] => Array.from({ length: last - first }, (_, index) => `step ${first + index + 1}`);
      const stopped = async (id: number): Promise<void> => {
        await polyaxon('experiment', '-xp', String(id), 'stop', '-y');
        await installed.status(project, id, 'stopped');
      };
      const pods = (...more: string[]): Promise<string> => installed.kubectl(['get', 'pods', '--namespace', 'ml-runs', '--output', 'name', ...more]);
      const noted = (mark: string): string => notes.split('\n').find((line) => line.includes(mark))?.trim() ?? `there is no ${mark} in ${notes}`;

      it('lets a person in as its notes say', async () => {
        expect(await installed.images()).toEqual(allOf(1));
        expect(await installed.shell(noted('| polyaxon login'))).toMatchObject({ code: 0 });
        await polyaxon('project', 'create', '--name', 'installed', '--init');
      }, 60_000);

      it('runs, stops, resumes, restarts and copies a training whose code was uploaded', async () => {
        const first = await made('run', '-u', '-f', 'polyaxonfile.yml');
        await trained(first, 3);
        await stopped(first);
        const reached = await stepOf(first);
        const lines = installed.log(project, first);
        expect(lines).toEqual(['from step 0', ...stepsFrom(0, lines.length - 1)]);
        expect(reached).toBeGreaterThanOrEqual(3);
        expect(reached).toBeLessThanOrEqual(lines.length);

        const copied = await made('experiment', '-xp', String(first), 'restart', '--copy', '-f', 'few.yml');
        const restarted = await made('experiment', '-xp', String(first), 'restart', '-f', 'few.yml');
        const resumed = await made('experiment', '-xp', String(first), 'resume', '-f', 'few.yml');
        for (const [id, from] of [[copied, reached], [restarted, 0], [resumed, reached]] as const) {
          await installed.status(project, id, 'succeeded');
          expect([id, installed.log(project, id)[0]]).toEqual([id, `from step ${from}`]);
        }
        expect(await Promise.all([first, copied, restarted].map(stepOf))).toEqual([Math.max(reached, 20), Math.max(reached, 20), 20]);
        await until('nothing is left of what is over', async () => (await pods()) === '', 60_000);
      }, 300_000);

      it('refuses what no run may have, by the name of the rule', async () => {
        const { code, err } = await installed.cli(workspace, ['run', '-f', 'polyaxonfile.yml', '-f', 'mighty.yml']);
        expect([code, err]).toEqual([4, expect.stringContaining('policy rule privileged')]);
      }, 60_000);

      it('goes on with its runs through an upgrade and a rollback', async () => {
        const live = await made('run', '-f', 'polyaxonfile.yml');
        await trained(live, 3);
        const pod = await pods();
        await installed.helm('upgrade', 'deploy/kubernetes', '--reuse-values', '--set-string', 'image.tag=2', '--wait', '--timeout', '4m');
        expect(await installed.images()).toEqual(allOf(2));
        await trained(live, (await stepOf(live)) + 1);
        await installed.helm('rollback', '1', '--wait', '--timeout', '4m');
        expect(await installed.images()).toEqual(allOf(1));
        await trained(live, (await stepOf(live)) + 1);
        expect(await pods()).toBe(pod);
        await stopped(live);
        const lines = installed.log(project, live);
        expect(lines).toEqual(['from step 0', ...stepsFrom(0, lines.length - 1)]); // every line, once
        expect(await installed.shell('polyaxon whoami')).toMatchObject({ code: 0 }); // the login holds: its secrets are the same
      }, 600_000);

      it('is removed, and its notes say how to take away what runs have left', async () => {
        const live = await made('run', '-f', 'polyaxonfile.yml');
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
