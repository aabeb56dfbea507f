// Is it seen whether a program has read its checkpoint, on real files, and said to be unknown where it can't be?
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '#testing';
import { CheckpointWatch } from './checkpoint-watch.ts';

let root: string;
let attempt: string;
let outputs: string;
const parts = ['ckpt-7.index', 'ckpt-7.data'];
const place = (name: string) => join(outputs, name);
/** A program takes longer to start than the clock of the file system to go on. */
const reads = async (name: string): Promise<void> => {
  const { atimeNs } = await stat(place(name), { bigint: true });
  const clock = join(root, 'clock');
  await until('the clock of the file system has gone on', async () => {
    await writeFile(clock, '');
    return (await stat(clock, { bigint: true })).mtimeNs > atimeNs;
  });
  execFileSync('cat', [place(name)]);
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'polyaxon-watch-'));
  [attempt, outputs] = [join(root, 'attempt'), join(root, 'outputs')];
  await mkdir(attempt);
  await mkdir(outputs);
  for (const part of parts) await writeFile(place(part), part);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function begun(watch = new CheckpointWatch(), mayTouch = true): Promise<CheckpointWatch> {
  await watch.begin(attempt, outputs, parts, { mayTouch });
  return watch;
}

it('read, as soon as it is, also when others had read it before', async () => {
  for (const part of parts) await readFile(place(part));
  const watch = await begun();
  expect(await watch.look(attempt, false)).toBeUndefined();
  await reads('ckpt-7.data');
  expect(await watch.look(attempt, false)).toEqual({ read: 'read', how: '1 of its 2 files were read' });
  await rm(place('ckpt-7.data')); // rotated away later
  expect(await watch.look(attempt, true)).toMatchObject({ read: 'read' });
});

it('not read, which is known at the end only; times of writing stay as they were', async () => {
  const before = (await stat(place('ckpt-7.index'), { bigint: true })).mtimeNs;
  const watch = await begun();
  expect(await watch.look(attempt, false)).toBeUndefined();
  expect(await watch.look(attempt, true)).toEqual({ read: 'not-read', how: 'none of its 2 files was read' });
  expect((await stat(place('ckpt-7.index'), { bigint: true })).mtimeNs).toBe(before);
});

it('known to whoever takes over', async () => {
  await begun();
  await reads('ckpt-7.index');
  expect(await new CheckpointWatch().look(attempt, false)).toMatchObject({ read: 'read' });
  await rm(outputs, { recursive: true });
  expect(await new CheckpointWatch().look(attempt, true)).toMatchObject({ read: 'read' });
});

it('unknown where the file system does not keep when files are read', async () => {
  const watch = await begun(new CheckpointWatch(async () => false));
  await reads('ckpt-7.index');
  expect(await watch.look(attempt, false)).toBeUndefined();
  expect(await watch.look(attempt, true)).toEqual({ read: 'unknown', how: 'its file system does not keep when files are read (noatime)' });
});

it('unknown when they were replaced, or are gone, before anybody looked', async () => {
  const watch = await begun();
  await reads('ckpt-7.index');
  for (const part of parts) {
    await writeFile(place('new'), 'new');
    await rename(place('new'), place(part));
  }
  expect(await watch.look(attempt, true)).toMatchObject({ read: 'unknown', how: expect.stringContaining('before they could be looked at') });
});

it('files that are carried are not touched', async () => {
  const longAgo = new Date('2001-01-01T00:00:00Z');
  await utimes(place('ckpt-7.index'), longAgo, longAgo);
  await utimes(place('ckpt-7.data'), new Date(Date.now() + 60_000), longAgo); // read since
  const changed = async () => (await stat(place('ckpt-7.data'), { bigint: true })).ctimeNs;
  const before = await changed();
  const watch = await begun(new CheckpointWatch(), false);
  expect(await changed()).toBe(before);
  await reads('ckpt-7.index');
  expect(await watch.look(attempt, false)).toEqual({ read: 'read', how: 'its file was read' });
});

it('a checkpoint that is not there stops nobody', async () => {
  await rm(outputs, { recursive: true });
  const watch = await begun();
  expect(await watch.look(attempt, true)).toEqual({ read: 'unknown', how: 'its files can\'t be watched: ENOENT' });
  expect(await watch.look(join(root, 'another'), true)).toBeUndefined();
});
