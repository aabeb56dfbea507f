// Does a run go on from the newest whole checkpoint, or the one that was named, and is everybody told which?
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckpointsBody, ClonedBody, ClonePlan, ExperimentBody } from '#contracts';
import { ask, clone, project, run } from './asking.ts';
import { Platform } from './platform.ts';
import { contentsOf } from './training.ts';

let platform: Platform;
let folder: string;
let source: ExperimentBody;

const told = 'echo from ${POLYAXON_CHECKPOINT_PATH##*/} step $POLYAXON_CHECKPOINT_STEP framework $POLYAXON_CHECKPOINT_FRAMEWORK; ls $POLYAXON_RUN_OUTPUTS_PATH/checkpoints';
/** Three checkpoints; a run that finds some saves no more, and says what it was given. */
const training = `cd $POLYAXON_RUN_OUTPUTS_PATH; mkdir -p checkpoints; [ -e checkpoints/step-1.json ] || for n in 1 2 3; do echo "{\\"step\\": $n}" > checkpoints/step-$n.json; sleep 0.05; done; ${told}`;

beforeAll(async () => {
  platform = await Platform.start();
  folder = platform.workspace('work', { 'notes.txt': '' });
  await platform.api('POST', 'projects', { name: project.split('/')[1] });
  source = await run(platform, training);
  await platform.done(source.id);
  truncateSync(file(source, 'checkpoints/step-3.json'), 5);
}, 120_000);
afterAll(() => platform.remove(), 60_000);

const file = ({ outputs_path: path }: ExperimentBody, name: string): string => join(platform.outputs(path), name);
const checkpointsOf = async (id: number): Promise<CheckpointsBody> => (await platform.api('GET', `${project}/experiments/${id}/checkpoints`)).body as CheckpointsBody;
const messagesOf = async (id: number): Promise<string[]> => {
  const { body } = await platform.api('GET', `${project}/experiments/${id}/statuses?limit=100`);
  return (body as { results: { status: string; message: string | null }[] }).results.flatMap(({ status, message }) => (message === null ? [] : [`${status}: ${message}`]));
};

it('all are listed, over HTTP and by the command line', async () => {
  const { checkpoints, next, offer } = await checkpointsOf(source.id);
  expect(checkpoints.map(({ path, step, complete }) => [path, step, complete])).toEqual([
    ['checkpoints/step-3.json', 3, false], ['checkpoints/step-2.json', 2, true], ['checkpoints/step-1.json', 1, true],
  ]);
  expect([next?.path, offer]).toEqual(['checkpoints/step-2.json', null]);
  const said = await platform.cli(folder, 'experiment', '-xp', `${project.replace('/', '.')}.${source.id}`, 'checkpoints');
  expect(said.code).toBe(0);
  expect(said.out).toMatch(/3 +checkpoints\/step-3\.json +json +5 B .*damaged: its 5 bytes are not one JSON object/);
  expect(said.err).toContain('A resume goes on from checkpoints/step-2.json.');
}, 60_000);

it('resume goes on from the newest whole one; the damaged one is set aside, and everybody is told', async () => {
  const plan = (await platform.api('POST', `${project}/experiments/${source.id}/resume/plan`, {})).body as unknown as ClonePlan;
  expect(plan).toMatchObject({ checkpoint: { step: 2 }, set_aside: [{ path: 'checkpoints/step-3.json' }], refusal: null });
  const resumed = (await clone(platform, 'resume', source.id)) as ClonedBody;
  expect(resumed).toMatchObject({ checkpoint: { path: 'checkpoints/step-2.json' }, set_aside: [{ path: 'checkpoints/step-3.json', complete: false }] });
  expect(platform.log(await platform.done(resumed.id))).toBe('from step-2.json step 2 framework json\nstep-1.json\nstep-2.json\n');
  const to = `.polyaxon/set-aside/${resumed.id}`;
  expect(contentsOf(platform.outputs(source.outputs_path))).toHaveProperty([`${to}/checkpoints/step-3.json`]);
  expect(await messagesOf(resumed.id)).toContain(
    `warning: checkpoints/step-3.json is damaged (its 5 bytes are not one JSON object) and was set aside in ${to}: goes on from checkpoints/step-2.json (json, step 2)`,
  );
  expect(await messagesOf(resumed.id)).toContain('warning: its program did not read checkpoints/step-2.json, the checkpoint it was given: it started at the beginning, or from something else');
  expect(await checkpointsOf(resumed.id)).toMatchObject({ outputs_owner_id: source.id, offer: { offered: { step: 2 }, set_aside: [{ path: 'checkpoints/step-3.json', to }], read: 'not-read' } });
}, 60_000);

it('whether it was read is known of one that ends at once, and of one that reads it and counts from zero', async () => {
  const reading = await clone(platform, 'resume', source.id, { run: { cmd: 'cat $POLYAXON_CHECKPOINT_PATH' } });
  expect(platform.log(await platform.done(reading.id))).toBe('{"step": 2}\n');
  expect(await checkpointsOf(reading.id)).toMatchObject({ offer: { offered: { step: 2 }, read: 'read', read_how: 'its file was read' } });
  expect((await messagesOf(reading.id)).filter((message) => message.startsWith('warning'))).toEqual([]);

  const program = 'from polyaxon_client.tracking import get_checkpoint, log_metrics; open(get_checkpoint()).read(); log_metrics(step=0, loss=1)';
  const forgetting = await clone(platform, 'resume', source.id, { run: { cmd: `python3 -c '${program}'` } });
  await platform.done(forgetting.id);
  const how = 'the first step it logged is 0, the checkpoint is of step 2';
  expect(await checkpointsOf(forgetting.id)).toMatchObject({ offer: { read: 'started-at-zero', read_how: how } });
  const shown = await platform.cli(folder, 'experiment', '-xp', `${project.replace('/', '.')}.${forgetting.id}`, 'get');
  expect(shown.out).toMatch(/warnings +it started at zero instead of going on from the checkpoint it was given: the first step it logged is 0/);
}, 60_000);

it('an attempt of max_restarts goes on from the newest whole one, when the attempt before was cut off while it saved', async () => {
  const cut = `cd $POLYAXON_RUN_OUTPUTS_PATH; if [ -e checkpoints ]; then cat $POLYAXON_CHECKPOINT_PATH; ls checkpoints; exit 0; fi
    mkdir checkpoints; echo '{"step": 1}' > checkpoints/step-1.json; sleep 0.05; echo '{"st' > checkpoints/step-2.json; kill -9 $$`;
  const failing = await run(platform, cut, { environment: { max_restarts: 1 } });
  const done = await platform.done(failing.id);
  expect(platform.log(done)).toBe('--- attempt 2 of 2 ---\n{"step": 1}\nstep-1.json\n');
  expect(contentsOf(platform.outputs(failing.outputs_path))).toHaveProperty([`.polyaxon/set-aside/${failing.id}-2/checkpoints/step-2.json`]);
  expect(await messagesOf(failing.id)).toContainEqual(expect.stringMatching(/^warning: checkpoints\/step-2\.json is damaged .* goes on from checkpoints\/step-1\.json/));
  expect(await checkpointsOf(failing.id)).toMatchObject({ offer: { offered: { step: 1 }, read: 'read' } });
}, 60_000);

it('restart --copy --from goes on from an older one, in the copy alone', async () => {
  const before = contentsOf(platform.outputs(source.outputs_path));
  const copy = (await clone(platform, 'copy', source.id, undefined, { from: '1' })) as ClonedBody;
  expect(copy).toMatchObject({ checkpoint: { step: 1 } });
  expect(platform.log(await platform.done(copy.id))).toBe('from step-1.json step 1 framework json\nstep-1.json\n');
  expect(contentsOf(platform.outputs(source.outputs_path))).toEqual(before);
}, 60_000);

it('resume --from a step, and what isn\'t there is refused with what is', async () => {
  expect(await ask(platform, 'resume', source.id, { from: 'step-9.json' })).toMatchObject({ status: 404, body: { code: 'checkpoint-not-found', fix: expect.stringContaining('resume --from checkpoints/step-2.json') } });
  const named = `${project.replace('/', '.')}.${source.id}`;
  const said = await platform.cli(folder, 'experiment', '-xp', named, 'resume', '--from', '1', '--wait');
  expect([said.code, said.err]).toEqual([0, expect.stringMatching(/It goes on from checkpoints\/step-1\.json \(step 1\)\.\nSet aside, .*checkpoints\/step-2\.json \(step 2\): newer than the one that was asked for/)]);
  expect(contentsOf(platform.outputs(source.outputs_path))).toHaveProperty([`.polyaxon/set-aside/${/with id (\d+)/.exec(said.out)?.[1]}/checkpoints/step-2.json`]);
}, 60_000);
