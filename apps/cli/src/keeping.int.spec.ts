// Does the command line show what would be deleted before it asks for it, and delete only what was shown?
import type { RetentionBody } from '#contracts';
import { CommandLine } from '../test/command-line.ts';
import { experimentBody, problem, RecordingGateway, type Answer } from '../test/recording-gateway.ts';

const gateway = new RecordingGateway();
let shell: CommandLine;
const X = '/mona/mnist/experiments/23';
const freed = { outputs_owner_id: 23, outputs_path: 'mona/mnist/experiments/23', experiments: [23, 31], read_by: [40], files: 3, size_bytes: 2048 };
const shown: RetentionBody = {
  token: 't0', applied: false, freed: [freed], kept: [{ outputs_owner_id: 24, experiments: [24], reasons: ['experiment 24 is pinned'] }], refused: [], files: 3, size_bytes: 2048,
};

beforeAll(async () => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.forget();
  gateway.on('POST /mona/mnist/retention/preview', shown).on('POST /mona/mnist/retention', { ...shown, applied: true }, 202);
  shell = new CommandLine(gateway.port).initialise();
});
afterEach(() => shell.remove());

it('retention shows, and deletes nothing unless told to', async () => {
  const { code, stdout, stderr } = await shell.type('project retention --keep-last 5');
  expect([code, stderr]).toEqual([0, expect.stringContaining('--apply')]);
  for (const told of ['23, 31', '2.0 KiB', '40', 'would free 2.0 KiB in 3 files of 2 experiments', '24: experiment 24 is pinned']) expect(stdout).toContain(told);
  expect(gateway.said).toEqual(['POST /mona/mnist/retention/preview {"keep_last":5}']);
});

it('retention deletes what it has shown', async () => {
  const rules = '"keep_last":5,"keep_best":3,"metric":"loss","order":"asc"';
  const words = 'project retention --keep-last 5 --keep-best 3 --metric loss --order asc --apply';
  expect(await shell.type(words)).toMatchObject({ code: 2, stderr: expect.stringContaining('-y') as string });
  expect(gateway.said).toEqual([`POST /mona/mnist/retention/preview {${rules}}`]);
  const done = await shell.type(`${words} -y`);
  expect(done).toMatchObject({ code: 0, stdout: 'Outputs are being deleted: 2.0 KiB in 3 files of 2 experiments.\n', stderr: expect.stringContaining('24: experiment 24 is pinned') as string });
  expect(gateway.said.at(-1)).toBe(`POST /mona/mnist/retention {${rules},"token":"t0"}`);
});

it.each(['', '--metric loss --order asc', '--keep-best 3', '--keep-best 3 --metric loss --order up', '--keep-last 0', '--keep-last many'])('retention %j asks the gateway for nothing', async (words) => {
  expect((await shell.type(`project retention ${words}`)).code).toBe(2);
  expect(gateway.said).toEqual([]);
});

it('outputs are deleted as a whole, when somebody says so', async () => {
  gateway.on(`DELETE ${X}/outputs`, experimentBody(23, { outputs_state: 'deleting' }), 202);
  for (const words of ['outputs delete', 'outputs delete sub/file -y']) expect((await shell.type(`experiment -xp 23 ${words}`)).code).toBe(2);
  expect(gateway.said).toEqual([]);
  expect((await shell.type('experiment -xp 23 outputs delete -y')).stdout).toContain('record, metrics and logs stay');
  expect((await shell.type('experiment -xp 23 outputs delete -y --force')).code).toBe(0);
  expect(gateway.said).toEqual([`DELETE ${X}/outputs`, `DELETE ${X}/outputs {"force":true}`]);
  gateway.on(`DELETE ${X}/outputs`, ((_, response) => problem(response, 409, 'experiment-pinned', 'pinned', 'polyaxon experiment -xp 23 unpin')) satisfies Answer);
  expect(await shell.type('experiment -xp 23 outputs delete -y')).toMatchObject({ code: 4, stderr: expect.stringContaining('unpin') as string });
});

it('an experiment says that it is pinned, and what became of its outputs', async () => {
  gateway.on(`POST ${X}/pin`, experimentBody(23, { is_pinned: true })).on(`POST ${X}/unpin`, experimentBody(23));
  expect((await shell.type('experiment -xp 23 pin')).stdout).toBe('Experiment 23 is pinned.\n');
  expect((await shell.type('experiment -xp 23 unpin')).stdout).toBe('Experiment 23 is unpinned.\n');
  gateway.on(`GET ${X}`, experimentBody(23, { outputs_state: 'deleted', last_status: 'succeeded', is_pinned: true }));
  const { stdout, stderr } = await shell.type('experiment -xp 23 get');
  expect(stdout).toMatch(/outputs +were deleted/);
  expect(stdout).toMatch(/pinned +yes/);
  expect(stderr).not.toContain('resume');
});
