// Is a name refused that would not be the same one in the copy, before anything of its page is copied?
import type { Bucket } from './bucket.ts';
import { ahead, entriesOf, flat, Selected } from './survey.ts';

const bucketOf = (...pages: [path: string, sizeBytes: number][][]) =>
  ({
    async *pages() {
      for (const page of pages) yield { objects: page.map(([path, sizeBytes]) => ({ key: `o/23/${path}`, sizeBytes, etag: 'e', modifiedAt: '' })), prefixes: [] };
    },
  }) as unknown as Bucket;
async function survey(bucket: Bucket, hides: (path: string) => boolean = () => false): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of flat(entriesOf(bucket, 'o/23/', 'o/31/', hides))) found.push(path);
  return found;
}

describe('a source', () => {
  it('is all of its pages, with the folders that are kept by an empty object', async () => {
    expect(await survey(bucketOf([['a', 1], ['b/', 0]], [['c/d', 0]]))).toEqual(['a', 'b/', 'c/d']);
  });

  it('is not what the tree keeps for itself, nor what is hidden', async () => {
    const bucket = bucketOf([['', 0], ['.31.polyaxon.copied', 9], ['a/.b.polyaxon.tmp/c', 9], ['a/b', 9], ['c/d', 9]]);
    expect(await survey(bucket, (path) => path.startsWith('c/'))).toEqual(['a/b']);
  });

  it('may hold a beside a/b', async () => expect(await survey(bucketOf([['a', 1], ['a/b', 1]]))).toEqual(['a', 'a/b']));

  it.each(['a//b', '/a', 'a/../b', '..', './a', 'a/'])('with %j in it is refused, by that name', async (path) => {
    await expect(survey(bucketOf([['fine', 1], [path, 1]]))).rejects.toMatchObject({ reason: 'name-invalid', message: expect.stringContaining(JSON.stringify(path)) });
  });

  it('that is not there is missing', async () => expect(survey(bucketOf([]))).rejects.toMatchObject({ reason: 'source-missing' }));
});

describe('a selection', () => {
  const entries = ['a/b', 'a/c/d', 'a.b', 'e'].map((path) => ({ path, sizeBytes: 1, etag: 'e' }));
  const chosen = (selected: Selected) => selected.of(entries).map(({ path }) => path);

  it('is of folders and of files', () => expect(chosen(new Selected({ folders: ['a'], files: ['e'] }))).toEqual(['a/b', 'a/c/d', 'e']));
  it('is of everything when nothing is selected', () => expect(chosen(new Selected(undefined))).toHaveLength(4));
  it('names what was not there', () => {
    const selected = new Selected({ folders: ['a', 'none'], files: ['a'] });
    chosen(selected);
    expect(() => selected.checkAll()).toThrow('"none"');
  });
});

it('the next page is looked for while the last one is used', async () => {
  const asked: number[] = [];
  async function* pages(): AsyncGenerator<number> {
    for (const page of [1, 2, 3]) {
      asked.push(page);
      yield page;
    }
  }
  const seen: string[] = [];
  for await (const page of ahead(pages())) seen.push(`${page} of ${asked.length}`);
  expect(seen).toEqual(['1 of 2', '2 of 3', '3 of 3']);
});
