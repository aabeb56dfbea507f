// Is a copy complete, or else nothing at all, whatever its source does and whoever dies?
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import type { ExperimentBody } from '#contracts';
import { until } from '#testing';
import { ask, clone, history, project, run, saveAndEnd, stop, untilStopped, written } from './asking.ts';
import { Platform, upload } from './platform.ts';
import { contentsOf } from './training.ts';

let platform: Platform;

/** Saves two files that belong together, one right after the other, as frameworks do. */
const pairs = `
import os, sys, time
counter = 0
while True:
    counter += 1
    for name in 'ab':
        with open('part-' + name, 'w') as f:
            f.write('%d\\n' % counter + 'x' * 300000)
    for name in 'ab':
        os.rename('part-' + name, name)
    time.sleep(float(sys.argv[1]))
`;
/** 400 MB in files of 1 MB. */
const large = `
import os
block = os.urandom(1000000)
for n in range(400):
    with open('%d.bin' % n, 'wb') as f:
        f.write(b'%d ' % n + block)
`;
const inOutputs = (cmd: string) => `code=$PWD; cd $POLYAXON_RUN_OUTPUTS_PATH; ${cmd}`;
const outputsOf = ({ outputs_path: path }: ExperimentBody) => platform.outputs(path);

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '4' });
  await platform.api('POST', 'projects', { name: 'verbs' });
  await upload(platform, project, { 'pairs.py': pairs, 'large.py': large });
}, 60_000);
afterAll(() => platform.remove(), 60_000);

it('holds dotfiles, empty files and folders, and no extra level, before the run starts', async () => {
  const fill = 'mkdir -p .hidden/empty deep/er/still; : > .hidden/.nothing; echo 1 > deep/er/still/one; : > empty; for n in $(seq 300); do echo $n > deep/$n; done';
  const source = await run(platform, inOutputs(fill));
  await platform.done(source.id);
  const copied = await clone(platform, 'copy', source.id, { run: { cmd: inOutputs('ls -A; ls deep | wc -l') } });
  expect(platform.log(await platform.done(copied.id))).toBe('.hidden\ndeep\nempty\n301\n');
  expect(contentsOf(outputsOf(copied))).toEqual(contentsOf(outputsOf(source)));
  expect(Object.keys(contentsOf(outputsOf(copied)))).toHaveLength(308);
});

it('of a resume holds what is in the outputs of its root', async () => {
  const root = await run(platform, saveAndEnd);
  await platform.done(root.id);
  const resumed = await clone(platform, 'resume', root.id, { run: { cmd: inOutputs('echo more > more') } });
  await platform.done(resumed.id);
  const copied = await clone(platform, 'copy', resumed.id, { run: { cmd: inOutputs('cat model more') } });
  expect(platform.log(await platform.done(copied.id))).toBe('trained\nmore\n');
  expect(copied).toMatchObject({ source_id: resumed.id, outputs_owner_id: copied.id, command: expect.stringContaining('cat model more') });
});

it.each([0.05, 0.3])('of a running source that saves every %s seconds is a consistent snapshot', async (seconds) => {
  const source = await run(platform, inOutputs(`exec python3 $code/pairs.py ${seconds}`));
  await written(platform, source, 'b');
  const look = { run: { cmd: inOutputs('head -qn 1 a b') } };
  const copies = await Promise.all([1, 2, 3].map(() => clone(platform, 'copy', source.id, look)));
  for (const { id } of copies) {
    const ended = await platform.done(id);
    expect([ended.last_status, ended.last_status_message]).toEqual(['succeeded', null]);
    const [a, b] = platform.log(ended).trim().split('\n');
    expect([a, Number(a)]).toEqual([b, expect.any(Number)]);
  }
  expect((await platform.experiment(source.id)).last_status).toBe('running');
  await stop(platform, source.id);
});

it('of chosen folders and files holds those alone', async () => {
  const source = await run(platform, inOutputs('mkdir best logs; echo 1 > best/model; echo 2 > logs/a; echo 3 > one; echo 4 > two'));
  await platform.done(source.id);
  const copied = await clone(platform, 'copy', source.id, { run: { cmd: 'true' } }, { copy_dirs: ['best'], copy_files: ['two'] });
  await platform.done(copied.id);
  expect(Object.keys(contentsOf(outputsOf(copied)))).toEqual(['best', 'best/model', 'two']);
});

it('is refused where there is nothing to copy', async () => {
  const source = await run(platform, 'true');
  await platform.done(source.id);
  expect(await ask(platform, 'copy', source.id)).toMatchObject({ status: 409, body: { code: 'outputs-empty', fix: `polyaxon experiment -xp ${source.id} restart` } });
});

describe('a large one', () => {
  let source: ExperimentBody;
  let before: Record<string, string>;

  beforeAll(async () => {
    source = await run(platform, inOutputs('python3 $code/large.py'));
    await platform.done(source.id);
    before = contentsOf(outputsOf(source));
    expect(Object.keys(before)).toHaveLength(400);
  }, 60_000);
  afterEach(() => expect(contentsOf(outputsOf(source))).toEqual(before));

  /** Where its files come in until it is complete. */
  const unfinished = ({ id }: ExperimentBody) => platform.outputs(`${project}/experiments/.${id}.polyaxon.tmp`);
  const underWay = (copied: ExperimentBody) => until(`the copy into experiment ${copied.id} is under way`, () => existsSync(unfinished(copied)) && readdirSync(unfinished(copied)).length > 0);

  it('whose copier is killed again and again is complete before the run starts', async () => {
    const copied = await clone(platform, 'copy', source.id, { run: { cmd: inOutputs('ls | wc -l') } });
    for (let kills = 0; kills < 2; kills += 1) {
      await underWay(copied);
      await platform.kill('storage-manager');
      expect(existsSync(outputsOf(copied))).toBe(false);
      expect(await history(platform, copied.id)).not.toContain('RunScheduled');
    }
    expect(platform.log(await platform.done(copied.id))).toBe('400\n');
    expect(contentsOf(outputsOf(copied))).toEqual(before);
    const types = await history(platform, copied.id);
    expect(types.filter((type) => /Outputs|RunStarted/.test(type))).toEqual(['OutputsCopyStarted', 'OutputsCopied', 'RunOutputsReady', 'RunStarted']);
    expect(existsSync(unfinished(copied))).toBe(false);
  });

  it('shows its progress, and keeps its source from being deleted', async () => {
    const copied = await clone(platform, 'copy', source.id, { run: { cmd: 'true' } });
    await underWay(copied);
    const refusal = await platform.api('DELETE', `${project}/experiments/${source.id}`);
    expect(refusal).toMatchObject({ status: 409, body: { code: 'outputs-in-use', detail: expect.stringContaining(`experiment ${copied.id}`) } });
    const progress = await until('it has got somewhere', async () => {
      const { status, body } = await platform.api('GET', `${project}/experiments/${copied.id}/copy_progress`);
      return status === 200 && body.files_done > 0 ? body : null;
    });
    expect(progress).toMatchObject({ files: 400, bytes: expect.any(Number), files_done: expect.any(Number), bytes_done: expect.any(Number) });
    expect(Object.keys(progress).sort()).toEqual(['bytes', 'bytes_done', 'bytes_per_second', 'files', 'files_done', 'seconds_left']);
    expect((await platform.done(copied.id)).last_status).toBe('succeeded');
  });

  it('is given up when its experiment is stopped', async () => {
    const copied = await clone(platform, 'copy', source.id, { run: { cmd: 'true' } });
    await underWay(copied);
    await stop(platform, copied.id);
    expect(await history(platform, copied.id)).not.toContain('RunStarted');
    await until('nothing of it is left', () => !existsSync(unfinished(copied)) && !existsSync(outputsOf(copied)));
  });
});

it('that fails stops the run from starting, says why, and leaves nothing', async () => {
  const source = await run(platform, untilStopped);
  await written(platform, source, 'model');
  // A name that is no text can't be kept in a manifest.
  writeFileSync(Buffer.concat([Buffer.from(`${outputsOf(source)}/`), Buffer.from([0x61, 0xff])]), '');
  await stop(platform, source.id);
  const copied = await clone(platform, 'copy', source.id, { run: { cmd: 'echo it ran' } });
  const ended = await platform.done(copied.id);
  expect([ended.last_status, ended.last_status_message]).toEqual(['upstream_failed', expect.stringContaining('The name is not UTF-8')]);
  const types = await history(platform, copied.id);
  expect([types.includes('OutputsCopyFailed'), types.includes('RunStarted')]).toEqual([true, false]);
  expect(existsSync(outputsOf(copied))).toBe(false);
  expect(platform.output(`${source.outputs_path}/model`)).toBe('trained\n');
  expect((await platform.api('GET', `${project}/experiments/${copied.id}/logs`)).text).toBe('');
});
