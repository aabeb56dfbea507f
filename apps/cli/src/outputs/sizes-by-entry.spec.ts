// Are the sizes of a folder's files and folders added up right?
import type { OutputsFileBody } from '#contracts';
import { sizesByEntry } from './sizes-by-entry.ts';

const file = (path: string, size: number): OutputsFileBody => ({ path, size_bytes: size, modified_at: '', version: '' });

it('adds up what is below each, the largest first', () => {
  const files = [file('a', 1), file('b/c', 2), file('b/d/e', 3)];
  expect(sizesByEntry(files, '')).toEqual([{ path: 'b/', size_bytes: 5, files: 2 }, { path: 'a', size_bytes: 1, files: 1 }, { path: '.', size_bytes: 6, files: 3 }]);
  expect(sizesByEntry(files.slice(1), 'b').map(({ path }) => path)).toEqual(['b/d/', 'b/c', 'b']);
});

it('of a file itself, and of nothing', () => {
  expect(sizesByEntry([file('b/c', 2)], 'b/c').map(({ path }) => path)).toEqual(['b/c', 'b/c']);
  expect(sizesByEntry([], '')).toEqual([{ path: '.', size_bytes: 0, files: 0 }]);
});
