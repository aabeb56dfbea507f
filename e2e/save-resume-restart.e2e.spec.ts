// Is every sentence and every command of the page "Save, resume, restart" true?
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { Platform, type Said } from './platform.ts';
import { checkpointOf, contentsOf, trained, trainingFiles } from './training.ts';

let platform: Platform;
let folder: string;
/** The exit code of a refusal. */
const refused = 4;

/** As a user types it, to the letter. */
const type = (line: string): Promise<Said> => platform.cli(folder, ...line.split(' ').slice(1));

/** Types it and resolves with the new experiment. */
async function typed(line: string): Promise<ExperimentBody> {
  const said = await type(line);
  expect([line, said.code, said.code === 0 ? '' : said.err + said.out]).toEqual([line, 0, '']);
  return platform.experiment(Number(/(?:Experiment `|with id )(\d+)/.exec(said.out)?.[1]));
}

async function stopped(id: number): Promise<ExperimentBody> {
  expect((await type(`polyaxon experiment -xp ${id} stop -y`)).code).toBe(0);
  return platform.done(id);
}

const write = (file: string, content: string) => writeFileSync(join(folder, file), content);
const newestCode = (revision: string) => write('train.py', trainingFiles(revision)['train.py'] ?? '');
const outputsOf = ({ outputs_path: path }: ExperimentBody) => platform.outputs(path);

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '4' });
  folder = platform.workspace('mnist', trainingFiles('first'));
  expect((await type('polyaxon project create --name mnist --init')).code).toBe(0);
  // The page speaks of experiment 23.
  for (let id = 1; id < 23; id += 1) await platform.api('POST', 'root/mnist/experiments', { is_managed: false });
  expect(await typed('polyaxon run -u -f polyaxonfile.yml')).toMatchObject({ id: 23 });
  await trained(platform, 23);
}, 60_000);
afterAll(() => platform.remove(), 60_000);

describe('Polyaxon creates a couple of paths for every experiment', () => {
  it('all logs related to an experiment are saved on the logs volume, on [LOGS MOUNT PATH]/username/project_name/experiments/experiment_id', () => {
    expect(readFileSync(join(platform.home, 'logs/root/mnist/experiments/23/run.log'), 'utf8')).toMatch(/^experiment 23, code first, lr 0.1, starts at step 0\nstep 1\nstep 2\n/);
  });

  it('the outputs are saved on the outputs volume, on [OUTPUTS MOUNT PATH]/username/project_name/experiments/experiment_id', () => {
    expect(Object.keys(contentsOf(join(platform.home, 'outputs/root/mnist/experiments/23')))).toEqual(expect.arrayContaining(['checkpoint.json', 'events.23']));
  });

  it('Polyaxon will provide an environment variable POLYAXON_RUN_OUTPUTS_PATH; you can also use our client: get_outputs_path', async () => {
    write('paths.yml', 'version: 1\nkind: experiment\nrun:\n  cmd: python3 paths.py\n');
    write('paths.py', 'import os\nfrom polyaxon_client.tracking import get_outputs_path\nprint(os.environ["POLYAXON_RUN_OUTPUTS_PATH"])\nprint(get_outputs_path())\n');
    const experiment = await typed('polyaxon run -u -f paths.yml --wait');
    expect(platform.log(experiment)).toBe(`${outputsOf(experiment)}\n`.repeat(2));
    expect(outputsOf(experiment)).toBe(join(platform.home, `outputs/root/mnist/experiments/${experiment.id}`));
  });
});

describe('Resuming', () => {
  let source: ExperimentBody;

  it('an experiment that is not stopped yet is not resumed', async () => {
    const { code, err } = await type('polyaxon experiment -xp 23 resume');
    expect({ code, err }).toEqual({ code: refused, err: expect.stringContaining('polyaxon experiment -xp 23 stop') });
    source = await stopped(23);
    expect(source.last_status).toBe('stopped');
  });

  it('the experiment should have some checkpoints to resume from', async () => {
    write('nothing.yml', 'version: 1\nkind: experiment\nrun:\n  cmd: "true"\n');
    const { id } = await typed('polyaxon run -f nothing.yml --wait');
    const { code, err } = await type(`polyaxon experiment -xp ${id} resume`);
    expect({ code, err }).toEqual({ code: refused, err: expect.stringContaining('nothing to resume from') });
  });

  it('$ polyaxon experiment -xp 23 resume', async () => {
    const before = checkpointOf(platform, source);
    const resumed = await typed('polyaxon experiment -xp 23 resume');
    expect(await trained(platform, resumed.id)).toBe(before?.step);
    expect(resumed).toMatchObject({ original: 'root.mnist.23', cloning_strategy: 'resume', outputs_path: source.outputs_path, params: source.params, code_revision: source.code_revision });
    await stopped(resumed.id);
  });

  it('with latest code: $ polyaxon experiment -xp 23 resume -u', async () => {
    const before = checkpointOf(platform, source);
    newestCode('second');
    const resumed = await typed('polyaxon experiment -xp 23 resume -u');
    expect(await trained(platform, resumed.id)).toBe(before?.step);
    const after = checkpointOf(platform, await stopped(resumed.id));
    expect(after?.starts.at(-1)).toEqual({ experiment: resumed.id, step: before?.step, lr: 0.1, code: 'second' });
    expect(resumed.code_revision).not.toBe(source.code_revision);
  });

  it('with an updated environment or some parameters: $ polyaxon experiment -xp 23 resume -f polyaxonfile_override.yml', async () => {
    const before = checkpointOf(platform, source);
    write('polyaxonfile_override.yml', `version: 1\nkind: experiment\nparams:\n  lr: 0.5\n  steps: ${(before?.step ?? 0) + 10}\nenvironment:\n  resources:\n    memory: {requests: 64, limits: 256}\n`);
    const resumed = await typed('polyaxon experiment -xp 23 resume -f polyaxonfile_override.yml');
    expect(await platform.done(resumed.id)).toMatchObject({ last_status: 'succeeded', resources: { memory: { requests: 64, limits: 256 } } });
    expect(checkpointOf(platform, resumed)).toMatchObject({ step: (before?.step ?? 0) + 10 });
    expect(checkpointOf(platform, resumed)?.starts.at(-1)).toEqual({ experiment: resumed.id, step: before?.step, lr: 0.5, code: 'first' });
  });

  it('the outputs of the resuming experiment is added to the outputs of the original experiments', async () => {
    const resumes = checkpointOf(platform, source)?.starts.map(({ experiment }) => experiment) ?? [];
    expect(resumes).toHaveLength(4);
    const contents = contentsOf(outputsOf(source));
    expect(Object.keys(contents)).toEqual(['checkpoint.json', ...resumes.map((id) => `events.${id}`)]);
    for (const id of resumes.slice(1)) {
      expect(existsSync(join(platform.home, `outputs/root/mnist/experiments/${id}`))).toBe(false);
      expect(platform.log(await platform.experiment(id))).toMatch(new RegExp(`^experiment ${id}, [^]* starts at step (?!0\n)`));
    }
  });

  it.each(['tensorflow', 'keras', 'pytorch-overriding', 'pytorch-multiple'])('Resuming with %s', async (framework) => {
    write('framework.yml', `version: 1\nkind: experiment\nparams:\n  framework: ${framework}\n`);
    const first = await typed('polyaxon run -u -f polyaxonfile.yml -f framework.yml');
    await trained(platform, first.id);
    const [last] = platform.log(await stopped(first.id)).match(/\d+(?=\n$)/) ?? [];
    const plan = await type(`polyaxon experiment -xp ${first.id} resume --plan`);
    expect(plan.out).toMatch(new RegExp(`checkpoint .*\\(${framework.split('-')[0]}.*complete`));
    const resumed = await typed(`polyaxon experiment -xp ${first.id} resume`);
    const from = await trained(platform, resumed.id);
    // It may have been stopped after it saved and before it said so.
    expect([Number(last), Number(last) + 1]).toContain(from);
    await stopped(resumed.id);
  });
});

describe('Restarting', () => {
  let source: ExperimentBody;
  let before: Record<string, string>;

  beforeAll(async () => {
    source = await platform.experiment(23);
    before = contentsOf(outputsOf(source));
  });
  afterEach(() => expect(contentsOf(outputsOf(source))).toEqual(before));

  it('you wish to keep it and restart training: $ polyaxon experiment -xp 23 restart', async () => {
    const restarted = await typed('polyaxon experiment -xp 23 restart');
    expect(await trained(platform, restarted.id)).toBe(0);
    expect(restarted).toMatchObject({ original: 'root.mnist.23', cloning_strategy: 'restart', outputs_path: `root/mnist/experiments/${restarted.id}`, params: source.params, code_revision: source.code_revision });
    await stopped(restarted.id);
    expect(Object.keys(contentsOf(outputsOf(restarted)))).toEqual(['checkpoint.json', `events.${restarted.id}`]);
  });

  it('with latest code: $ polyaxon experiment -xp 23 restart -u', async () => {
    newestCode('third');
    const restarted = await typed('polyaxon experiment -xp 23 restart -u');
    expect(await trained(platform, restarted.id)).toBe(0);
    expect(checkpointOf(platform, await stopped(restarted.id))?.starts).toEqual([{ experiment: restarted.id, step: 0, lr: 0.1, code: 'third' }]);
  });

  it('with gpu or with a different learning rate: $ polyaxon experiment -xp 23 restart -f polyaxonfile_override.yml', async () => {
    write('polyaxonfile_override.yml', 'version: 1\nkind: experiment\nparams:\n  lr: 0.01\n  steps: 5\nenvironment:\n  resources:\n    gpu: {requests: 1, limits: 1}\n');
    const restarted = await typed('polyaxon experiment -xp 23 restart -f polyaxonfile_override.yml');
    expect(await platform.done(restarted.id)).toMatchObject({ last_status: 'succeeded', resources: { gpu: { requests: 1, limits: 1 } }, command: 'python3 train.py --framework=json --lr=0.01 --steps=5' });
    expect(checkpointOf(platform, restarted)).toEqual({ step: 5, starts: [{ experiment: restarted.id, step: 0, lr: 0.01, code: 'first' }] });
  });
});

describe('Copying', () => {
  let source: ExperimentBody;
  let before: Record<string, string>;
  const copies: ExperimentBody[] = [];

  beforeAll(async () => {
    source = await platform.experiment(23);
    before = contentsOf(outputsOf(source));
  });

  /** It began with all that the source had, and with nothing that the source or another copy has got since. */
  async function continues(copy: ExperimentBody, { lr, code }: { lr: number; code: string }): Promise<void> {
    const step = checkpointOf(platform, source)?.step;
    expect(await trained(platform, copy.id)).toBe(step);
    expect(copy).toMatchObject({ original: 'root.mnist.23', cloning_strategy: 'copy', outputs_path: `root/mnist/experiments/${copy.id}` });
    await (copy.params.steps === source.params.steps ? stopped(copy.id) : platform.done(copy.id));
    expect(checkpointOf(platform, copy)?.starts.at(-1)).toEqual({ experiment: copy.id, step, lr, code });
    const { 'checkpoint.json': _trainedOn, ...untouched } = before;
    expect(contentsOf(outputsOf(copy))).toEqual({ ...untouched, [`events.${copy.id}`]: expect.anything(), 'checkpoint.json': expect.anything() });
  }

  it('it copies all outputs from the experiment to the new experiments: $ polyaxon experiment -xp 23 restart --copy', async () => {
    copies.push(await typed('polyaxon experiment -xp 23 restart --copy'));
    await continues(copies[0] as ExperimentBody, { lr: 0.1, code: 'first' });
  });

  it('with latest code: $ polyaxon experiment -xp 23 restart --copy -u', async () => {
    newestCode('fourth');
    copies.push(await typed('polyaxon experiment -xp 23 restart --copy -u'));
    await continues(copies[1] as ExperimentBody, { lr: 0.1, code: 'fourth' });
  });

  it('with an override: $ polyaxon experiment -xp 23 --copy restart -f polyaxonfile_override.yml', async () => {
    const steps = (checkpointOf(platform, source)?.step ?? 0) + 8;
    write('polyaxonfile_override.yml', `version: 1\nkind: experiment\nparams:\n  lr: 0.02\n  steps: ${steps}\n`);
    copies.push(await typed('polyaxon experiment -xp 23 --copy restart -f polyaxonfile_override.yml'));
    await continues(copies[2] as ExperimentBody, { lr: 0.02, code: 'first' });
    expect(checkpointOf(platform, copies[2] as ExperimentBody)?.step).toBe(steps);
  });

  it('the copies are apart from their source and from each other', async () => {
    expect(contentsOf(outputsOf(source))).toEqual(before);
    const starts = copies.map((copy) => checkpointOf(platform, copy)?.starts.slice(-1).map(({ experiment }) => experiment));
    expect(starts).toEqual(copies.map(({ id }) => [id]));
    // The stream of a copy is its own: nothing it does is an event of its source.
    const rows = await platform.rows<{ stream: string; type: string }>(`SELECT stream_name AS stream, type FROM event_store.messages WHERE type = 'ExperimentCopyRequested' ORDER BY global_position`);
    expect(rows.map(({ stream }) => stream)).toEqual(copies.map(({ id }) => `experiment-${id}`));
  });
});
