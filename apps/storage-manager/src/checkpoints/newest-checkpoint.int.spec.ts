// Is it known when something was last saved, without opening anything?
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openStorage, type FileTree } from '#storage';
import { newestCheckpoint } from './newest-checkpoint.ts';

let root: string;
let tree: FileTree;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'polyaxon-newest-'));
  tree = await openStorage({ kind: 'volume', root });
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function save(file: string, at: string): Promise<void> {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'x');
  await utimes(path, new Date(at), new Date(at));
}

it('nothing was, where there is nothing, or nothing that looks like a checkpoint', async () => {
  expect(await newestCheckpoint(tree, 'a/b/experiments/1')).toBeNull();
  await save('a/b/experiments/2/notes.txt', '2026-11-24T10:00:00.000Z');
  expect(await newestCheckpoint(tree, 'a/b/experiments/2')).toBeNull();
});

it('the newest counts, whatever its framework; one that is still being written does not', async () => {
  await save('a/b/experiments/3/model-1.pt', '2026-11-24T10:00:00.000Z');
  await save('a/b/experiments/3/deep/model-2.keras', '2026-11-24T10:05:00.000Z');
  await save('a/b/experiments/3/model-3.pt.tmp', '2026-11-24T10:09:00.000Z');
  await save('a/b/experiments/3/notes.txt', '2026-11-24T10:10:00.000Z');
  expect(await newestCheckpoint(tree, 'a/b/experiments/3')).toBe('2026-11-24T10:05:00.000Z');
});
