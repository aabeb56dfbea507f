// Does `docker compose up` make a platform that a person can use, and that loses nothing when its containers are killed?
import type { ExperimentBody } from '#contracts';
import { until } from '#testing';
import { Composed, hasDocker, services } from './composed.ts';
import { endless, polyaxonfile, training } from './uploaded-training.ts';

const project = 'root/composed';

if (hasDocker('docker compose up'))
  describe('docker compose up', () => {
    let composed: Composed;
    let workspace: string;

    beforeAll(async () => {
      composed = await Composed.open();
      workspace = composed.workspace({
        'train.py': training,
        'polyaxonfile.yml': polyaxonfile(endless),
        'restarted.yml': polyaxonfile(endless, 'environment: {max_restarts: 1}\n'),
        'few.yml': 'params: {steps: 20}\n',
      });
      await composed.compose('up', '--detach');
      await composed.healthy(...services);
    }, 900_000);
    afterAll(() => composed?.close(), 180_000);

    const polyaxon = async (...args: string[]): Promise<string> => {
      const { code, out, err } = await composed.cli(workspace, args);
      expect([args.join(' '), code, code === 0 ? '' : err]).toEqual([args.join(' '), 0, '']);
      return out;
    };
    /** The number of the experiment that the command has made. */
    const made = async (...args: string[]): Promise<number> => Number((JSON.parse(await polyaxon(...args, '-o', 'json')) as { id: number }).id);
    const status = (id: number, wanted: string): Promise<ExperimentBody> =>
      until(`experiment ${id} is ${wanted}`, async () => {
        const body = await composed.experiment(project, id);
        return body?.last_status === wanted ? body : null;
      }, 120_000);
    const stepIn = async (file: Promise<string | undefined>): Promise<number> => Number((JSON.parse((await file) ?? '{"step": 0}') as { step: number }).step);
    /** In the store, where a bucket is a folder and an object a file. */
    const stepsOf = (id: number): Promise<number> => stepIn(composed.file('store', `objects/polyaxon/outputs/${project}/experiments/${id}/state.json`));
    /** Where its program writes. */
    const stepsBefore = (id: number): Promise<number> => stepIn(composed.file('outputs', `${project}/experiments/${id}/state.json`));
    const stepsOfStarts = async (id: number): Promise<number[]> => (await log(id)).flatMap((line) => /^from step (\d+)$/.exec(line)?.[1] ?? []).map(Number);
    const trained = (id: number, steps: number): Promise<unknown> => until(`experiment ${id} has trained ${steps} steps`, async () => (await stepsOf(id)) >= steps, 60_000);
    const log = async (id: number): Promise<string[]> => ((await composed.file('logs', `${project}/experiments/${id}/run.log`)) ?? '').trimEnd().split('\n');
    const stepsFrom = (first: number, last: number): string[] => Array.from({ length: last - first }, (_, index) => `step ${first + index + 1}`);

    it('lets a person in with the password that is in the gateway', async () => {
      const password = await composed.compose('exec', '-T', 'api-gateway', 'cat', '/keys/admin/password');
      expect(await composed.cli(workspace, ['login', '-u', 'root'], password)).toMatchObject({ code: 0 });
      await polyaxon('project', 'create', '--name', 'composed', '--init');
      expect(await composed.compose('exec', '-T', 'api-gateway', 'polyaxon', 'version')).toMatch(/\d+\.\d+\.\d+/);
      expect(await composed.state('api-gateway', '{{.Config.User}}')).toBe('1000:1000');
    }, 60_000);

    it('runs, stops, resumes and copies a training whose code was uploaded', async () => {
      const first = await made('run', '-u', '-f', 'polyaxonfile.yml');
      await trained(first, 3);
      await polyaxon('experiment', '-xp', String(first), 'stop', '-y');
      await status(first, 'stopped');
      const reached = await stepsOf(first);
      const lines = await log(first);
      expect(lines).toEqual(['from step 0', ...stepsFrom(0, lines.length - 1)]);
      expect(reached).toBeGreaterThanOrEqual(3);
      expect(reached).toBeLessThanOrEqual(lines.length); // what it renamed right before the signal ended it may not be in the store

      const copied = await made('experiment', '-xp', String(first), 'restart', '--copy', '-f', 'few.yml');
      const resumed = await made('experiment', '-xp', String(first), 'resume', '-f', 'few.yml');
      for (const id of [copied, resumed]) {
        await status(id, 'succeeded');
        expect((await log(id))[0]).toBe(`from step ${reached}`);
      }
      expect(await stepsOf(first)).toBe(Math.max(reached, 20)); // the resumed one went on in its outputs
      expect(await stepsOf(copied)).toBe(Math.max(reached, 20)); // the other in a copy of its own
    }, 180_000);

    it('goes on when containers crash: Docker starts them again, and nothing is lost', async () => {
      const live = await made('run', '-f', 'polyaxonfile.yml');
      await trained(live, 3);
      await composed.crash('kafka', 'postgres', 'store', 'api-gateway', 'storage-manager', 'log-collector');
      const seen = await stepsOf(live);
      await composed.healthy(...services);
      await trained(live, seen + 1); // its program has noticed nothing
      await polyaxon('experiment', '-xp', String(live), 'stop', '-y');
      await status(live, 'stopped');
      const lines = await log(live);
      expect(lines.slice(0, 2)).toEqual(['from step 0', 'step 1']);
      expect(lines.slice(1)).toEqual(stepsFrom(0, lines.length - 1)); // every line, once
      expect(lines.length).toBeGreaterThan(seen);
    }, 300_000);

    it('goes on when the scheduler crashes beside the programs it has started', async () => {
      const live = await made('run', '-f', 'polyaxonfile.yml');
      await trained(live, 3);
      const programs = await composed.pids('scheduler', 'python3 train.py');
      const [scheduler] = await composed.pids('scheduler', 'apps/scheduler/src/main.js');
      process.kill(Number(scheduler), 'SIGKILL');
      await until('another scheduler is there', async () => ![undefined, scheduler].includes((await composed.pids('scheduler', 'apps/scheduler/src/main.js'))[0]), 60_000);
      expect(programs).not.toEqual([]);
      expect(await composed.pids('scheduler', 'python3 train.py')).toEqual(programs);
      await polyaxon('experiment', '-xp', String(live), 'stop', '-y');
      await status(live, 'stopped');
    }, 180_000);

    it('finds everything again after its containers were killed and taken down', async () => {
      const plain = await made('run', '-f', 'polyaxonfile.yml');
      const restarted = await made('run', '-f', 'restarted.yml');
      await Promise.all([trained(plain, 3), trained(restarted, 3)]);
      await composed.docker('kill', composed.container('scheduler')); // and with it the programs
      const [reached, alsoReached] = [await stepsOf(plain), await stepsOf(restarted)];
      const written = await stepsBefore(plain);
      await composed.compose('down');
      expect(await composed.docker('ps', '--all', '--quiet')).toBe('');
      await composed.compose('up', '--detach');
      await composed.healthy(...services);

      await trained(plain, reached + 1); // by itself, although it has no max_restarts: the machine took it away
      await polyaxon('experiment', '-xp', String(plain), 'stop', '-y');
      await status(plain, 'stopped');
      const from = (await stepsOfStarts(plain)).at(-1);
      expect(from).toBeGreaterThanOrEqual(reached);
      expect(from).toBeLessThanOrEqual(written); // what it had left on the machine may have been carried before
      await trained(restarted, alsoReached + 1); // by itself, where it was
      await polyaxon('experiment', '-xp', String(restarted), 'stop', '-y');
      await status(restarted, 'stopped');
      expect((await stepsOfStarts(restarted)).at(-1)).toBeGreaterThanOrEqual(alsoReached);
    }, 420_000);

    it('leaves nothing behind when it is taken down with its volumes', async () => {
      await composed.compose('down', '--volumes');
      expect([await composed.docker('ps', '--all', '--quiet'), await composed.docker('volume', 'ls', '--quiet')]).toEqual(['', '']);
    }, 120_000);
  });
