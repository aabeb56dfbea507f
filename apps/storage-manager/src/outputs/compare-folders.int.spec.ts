// Are two outputs paths told apart by what is in them?
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage, type FileTree } from '#storage';
import { compareFolders, type ComparedFolder } from './compare-folders.ts';

let root: string;
const folders = (tree: FileTree, before: string, after: string): [ComparedFolder, ComparedFolder] => [{ tree, folder: before }, { tree, folder: after }];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'polyaxon-compare-'));
  const long = Buffer.alloc(300_000, 'x');
  const files = {
    23: { same: 'abc', 'sub/long': long, changed: '0123', grown: '1', removed: '', empty: '' },
    31: { same: 'abc', 'sub/long': Buffer.concat([long.subarray(1), Buffer.from('y')]), changed: '0124', grown: '12', '.added': 'z', empty: '' },
  };
  for (const [folder, named] of Object.entries(files)) {
    await mkdir(join(root, folder, 'sub'), { recursive: true });
    for (const [path, content] of Object.entries(named)) await writeFile(join(root, folder, path), content);
  }
  await symlink('/etc', join(root, '31', 'link'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

it('by size, then byte by byte', async () => {
  const compared = await compareFolders(...folders(await openStorage({ kind: 'volume', root }), '23', '31'));
  expect(compared.files.map(({ path, change, before_bytes: was, after_bytes: is }) => [path, change, was, is])).toEqual([
    ['.added', 'added', null, 1], ['changed', 'changed', 4, 4], ['grown', 'changed', 1, 2], ['removed', 'removed', 0, null], ['sub/long', 'changed', 300_000, 300_000],
  ]);
  expect(compared).toMatchObject({ added: 1, removed: 1, changed: 3, unknown: 0, same: 2 });
});

it('an outputs path that isn’t there is empty', async () => {
  const tree = await openStorage({ kind: 'volume', root });
  expect(await compareFolders(...folders(tree, '23', '99'))).toMatchObject({ removed: 6, added: 0, same: 0 });
  expect(await compareFolders(...folders(tree, '23', '23'))).toMatchObject({ files: [], same: 6 });
});
