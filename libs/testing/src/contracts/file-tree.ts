// What must hold of a tree of files, whatever keeps it?
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { Parser } from 'tar';
import { CopyFailed, type CopyProgress, type FileEntry, type FileTree } from '#storage';

export interface OpenedTree {
  readonly tree: FileTree;
  close(): Promise<void>;
}

const source = 'mona/mnist/experiments/23';
const target = 'mona/mnist/experiments/31';
/** Everything that copies have got wrong: hidden, empty, nested, odd names, and one larger than a chunk. */
const outputs: Readonly<Record<string, Buffer>> = {
  'checkpoint': Buffer.from('model_checkpoint_path: "model-3"'),
  '.hidden': Buffer.from('hidden'),
  '.#lock': Buffer.from('an editor'),
  'half.tmp': Buffer.from('half'),
  'empty': Buffer.alloc(0),
  'a/b/c/deep.bin': Buffer.from('deep'),
  'a/.b/x': Buffer.from('x'),
  'a-b': Buffer.from('sorts before a/'),
  'name with spaces & ümläut 模型.txt': Buffer.from('unicode'),
  'model-3.data': Buffer.alloc(3 * 1024 * 1024 + 17, 'weights'),
};

export function fileTreeContract(name: string, open: () => Promise<OpenedTree>): void {
  describe(`${name} is a tree of files`, () => {
    let opened: OpenedTree;
    let tree: FileTree;
    beforeEach(async () => {
      opened = await open();
      tree = opened.tree;
    });
    afterEach(async () => opened.close());

    describe('files', () => filesContract(() => tree));
    describe('folders', () => foldersContract(() => tree));
    describe('a copy', () => copyContract(() => tree));
    describe('a path', () => pathContract(() => tree));
  });
}

function filesContract(tree: () => FileTree): void {
  it('are read as they were written', async () => {
    const entry = await tree().write('a/b.txt', Buffer.from('hello'));
    expect(entry).toMatchObject({ path: 'a/b.txt', sizeBytes: 5, version: expect.any(String) });
    expect(await text(tree(), 'a/b.txt')).toBe('hello');
    expect(await tree().stat('a/b.txt')).toEqual(entry);
  });

  it('may have an address, which is good for that file alone', async () => {
    await tree().write('a/b c.txt', Buffer.from('hello'));
    const url = await tree().link('a/b c.txt', 60);
    if (url === null) return;
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('content-disposition'), await answer.text()]).toEqual([200, 'attachment', 'hello']);
    expect((await fetch(url.replace('b%20c', 'other'))).status).toBe(403);
  });

  it('are written from a stream', async () => {
    await tree().write('a/stream', Readable.from([Buffer.from('one '), Buffer.from('two')]));
    expect(await text(tree(), 'a/stream')).toBe('one two');
  });

  it('stay what they were when the stream breaks', async () => {
    await tree().write('a/file', Buffer.from('whole'));
    const broken = Readable.from((async function* () {
      yield Buffer.from('par');
      throw new Error('the client left');
    })());
    await expect(tree().write('a/file', broken)).rejects.toThrow('the client left');
    expect(await text(tree(), 'a/file')).toBe('whole');
    expect(await paths(tree(), 'a')).toEqual(['file']);
  });

  it('are read in part, the end included', async () => {
    await tree().write('file', Buffer.from('0123456789'));
    expect(await text(tree(), 'file', { start: 2, end: 4 })).toBe('234');
    expect(await text(tree(), 'file', { start: 7 })).toBe('789');
  });

  it('get another version with another content of the same size', async () => {
    const before = await tree().write('file', Buffer.from('one'));
    const after = await tree().write('file', Buffer.from('two'));
    expect(after.version).not.toBe(before.version);
  });

  it('are null or not found when they are not there, or are folders', async () => {
    await tree().write('a/file', Buffer.from('x'));
    for (const path of ['none', 'a', 'a/file/below', 'a/none']) {
      expect(await tree().stat(path)).toBeNull();
      await expect(tree().read(path)).rejects.toMatchObject({ name: 'Refusal', code: 'path-not-found' });
    }
  });
}

function foldersContract(tree: () => FileTree): void {
  it('list every file below them, sorted by path', async () => {
    await fill(tree());
    expect(await paths(tree(), source)).toEqual(Object.keys(outputs).sort());
    expect(await paths(tree(), '')).toEqual(Object.keys(outputs).map((path) => `${source}/${path}`).sort());
    const sizeBytes = Object.values(outputs).reduce((sum, { length }) => sum + length, 0);
    expect(await tree().usage(source)).toEqual({ files: Object.keys(outputs).length, sizeBytes, skippedLinks: 0 });
  });

  it('show one level', async () => {
    await fill(tree());
    const { files, folders } = await tree().children(source);
    expect(folders).toEqual(['a']);
    expect(files.map(({ name }) => name)).toEqual(Object.keys(outputs).filter((path) => !path.includes('/')).sort());
    expect(files.find(({ name }) => name === 'half.tmp')).toEqual({ name: 'half.tmp', sizeBytes: 4 });
    expect(await tree().children(`${source}/a`)).toEqual({ files: [], folders: ['.b', 'b'] });
  });

  it('are made beside each other at the same moment, with the folders they share', async () => {
    const inTurn = async (round: number, number: number) => {
      for (let turns = 0; turns < number; turns += 1) await new Promise((resolve) => setImmediate(resolve)); // no two at the same step
      await tree().makeFolder(`u/p/groups/${round}/${number}`);
    };
    for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 8 }, (_, number) => inTurn(round, number)));
    expect((await tree().children('u/p/groups/19')).folders).toHaveLength(8);
  });

  it('are empty until a file is in them, at any depth', async () => {
    expect(await tree().exists('u/p')).toBe(false);
    expect(await tree().isEmpty('u/p')).toBe(true);
    await tree().makeFolder('u/p/checkpoints');
    await tree().makeFolder('u/p/checkpoints');
    expect(await tree().exists('u/p')).toBe(true);
    expect(await tree().isEmpty('u/p')).toBe(true);
    await tree().write('u/p/checkpoints/1/weights', Buffer.alloc(0));
    expect(await tree().isEmpty('u/p')).toBe(false);
  });

  it('are empty when they are not there', async () => {
    expect(await paths(tree(), 'none')).toEqual([]);
    expect(await tree().children('none')).toEqual({ files: [], folders: [] });
    expect(await tree().usage('none')).toEqual({ files: 0, sizeBytes: 0, skippedLinks: 0 });
  });

  it('go with everything in them, and nothing else', async () => {
    await fill(tree());
    await tree().write(`${source}0/file`, Buffer.from('a name that begins alike'));
    await tree().remove(source);
    await tree().remove(source);
    expect(await tree().exists(source)).toBe(false);
    expect(await paths(tree(), 'mona/mnist/experiments')).toEqual(['230/file']);
    await expect(tree().remove('')).rejects.toMatchObject({ code: 'path-invalid' });
  });

  it('travel as an archive that anyone can unpack', async () => {
    const longName = `${'n'.repeat(120)}/${'m'.repeat(120)}.bin`;
    await fill(tree());
    await tree().write(`${source}/${longName}`, Buffer.from('long'));
    const unpacked = await unpack(await buffer(await tree().archive(source)));
    expect(unpacked).toEqual(digests({ ...outputs, [longName]: Buffer.from('long') }));
  });
}

function copyContract(tree: () => FileTree): void {
  it('holds the same files, and no folder more', async () => {
    await fill(tree());
    const { files, sizeBytes, digest, skippedLinks, rounds } = await tree().copyFolder(source, target);
    expect({ files, skippedLinks, rounds }).toEqual({ files: Object.keys(outputs).length, skippedLinks: 0, rounds: 1 });
    expect(sizeBytes).toBe((await tree().usage(source)).sizeBytes);
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await contents(tree(), target)).toEqual(digests(outputs));
    expect(await contents(tree(), source)).toEqual(digests(outputs));
    expect((await tree().children('mona/mnist/experiments')).folders).toEqual(['23', '31']);
  });

  it('has every name as it is, also one that is very long, or looks encoded', async () => {
    const long = `${'l'.repeat(250)}/${'m'.repeat(250)}/${'n'.repeat(250)}/`;
    const names = ['with space', ' lead', 'trail ', 'ünï/模型', 'a+b', 'a%2Fb', '100%', 'q?x=1&y=2#z', "it's (1)!*", '<x>', '~', '{b}[c]^|`"', '.hidden/.deep', 'b/a', 'b.a', long + 'o'.repeat(200)];
    for (const name of names) await tree().write(`${source}/${name}`, Buffer.from(name));
    const { files } = await tree().copyFolder(source, target);
    expect(files).toBe(names.length);
    for (const name of names) expect([name, await text(tree(), `${target}/${name}`)]).toEqual([name, name]);
    expect((await paths(tree(), target)).sort()).toEqual([...names].sort());
  });

  it('has the same digest as another one, when every byte is verified', async () => {
    await fill(tree());
    const one = await tree().copyFolder(source, target, { verify: 'full' });
    const two = await tree().copyFolder(target, 'mona/mnist/experiments/32', { verify: 'full' });
    expect(two.digest).toBe(one.digest);
  });

  it('is done once: asked for again, it answers the same', async () => {
    await fill(tree());
    const report = await tree().copyFolder(source, target);
    await tree().write(`${target}/checkpoint`, Buffer.from('the run has trained on'));
    await tree().write(`${source}/later`, Buffer.from('and so has the source'));
    expect(await tree().copyFolder(source, target)).toEqual(report);
    expect(await text(tree(), `${target}/checkpoint`)).toBe('the run has trained on');
  });

  it('is done once when it is asked for twice at the same time', async () => {
    await fill(tree());
    const [one, two] = await Promise.all([tree().copyFolder(source, target), tree().copyFolder(source, target)]);
    expect(two).toEqual(one);
    expect(await contents(tree(), target)).toEqual(digests(outputs));
  });

  it('may take the place of a folder that is empty, never of one that holds something', async () => {
    await fill(tree());
    await tree().makeFolder(target);
    await tree().copyFolder(source, target);
    await tree().write('mona/mnist/experiments/9/mine', Buffer.from('mine'));
    await expect(tree().copyFolder(source, 'mona/mnist/experiments/9')).rejects.toMatchObject({ name: 'CopyFailed', reason: 'target-exists' });
    expect(await paths(tree(), 'mona/mnist/experiments/9')).toEqual(['mine']);
  });

  it('may be made again after it was removed', async () => {
    await fill(tree());
    await tree().copyFolder(source, target);
    await tree().remove(target);
    await tree().write(`${source}/later`, Buffer.from('later'));
    await tree().copyFolder(source, target);
    expect(await text(tree(), `${target}/later`)).toBe('later');
  });

  it('of nothing fails', async () => {
    await expect(tree().copyFolder(source, target)).rejects.toMatchObject({ reason: 'source-missing' });
    expect(await tree().exists(target)).toBe(false);
  });

  it('may be of a part', async () => {
    await fill(tree());
    await tree().copyFolder(source, target, { select: { folders: ['a/b'], files: ['checkpoint'] } });
    expect(await paths(tree(), target)).toEqual(['a/b/c/deep.bin', 'checkpoint']);
    await expect(tree().copyFolder(source, 'x/y', { select: { files: ['none'] } })).rejects.toMatchObject({ reason: 'source-missing' });
  });

  it('tells how far it is', async () => {
    await fill(tree());
    const told: CopyProgress[] = [];
    const { files, sizeBytes } = await tree().copyFolder(source, target, { onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toEqual({ filesDone: files, files, bytesDone: sizeBytes, bytes: sizeBytes });
  });

  it('leaves nothing when it is cancelled', async () => {
    await fill(tree());
    const before = new AbortController();
    before.abort();
    await expect(tree().copyFolder(source, target, { signal: before.signal })).rejects.toMatchObject({ reason: 'cancelled' });
    const during = new AbortController();
    const copying = tree().copyFolder(source, target, { signal: during.signal });
    setImmediate(() => during.abort());
    const failure = await copying.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CopyFailed);
    expect(failure).toMatchObject({ reason: 'cancelled' });
    expect(await tree().exists(target)).toBe(false);
    expect(await contents(tree(), source)).toEqual(digests(outputs));
  });

  it('never goes into its own source', async () => {
    await fill(tree());
    for (const [from, to] of [[source, `${source}/copy`], [`${source}/a`, source], [source, source], ['', 'copy'], [source, '']] as const) {
      await expect(tree().copyFolder(from, to)).rejects.toMatchObject({ code: 'path-invalid' });
    }
  });
}

function pathContract(tree: () => FileTree): void {
  const unsafe = [
    '..', '.', 'a/..', '../a', 'a/./b', '/a', 'a//b', 'a/', '//', 'a\\b', '..\\a', 'a\0b', 'a\nb', 'a\u007f', 'a\u0085b', 'e\u0301', '\ud800', 'x'.repeat(1025),
    '.31.polyaxon.tmp', 'a/.31.polyaxon.copied',
  ];
  it.each(unsafe)('%j is refused everywhere', async (path) => {
    const refused = { name: 'Refusal', code: 'path-invalid' };
    await expect(paths(tree(), path)).rejects.toMatchObject(refused);
    for (const method of ['children', 'exists', 'isEmpty', 'usage', 'stat', 'read', 'makeFolder', 'remove', 'archive'] as const) {
      await expect(tree()[method](path)).rejects.toMatchObject(refused);
    }
    await expect(tree().write(path, Buffer.from('x'))).rejects.toMatchObject(refused);
    await expect(tree().copyFolder(path, 'target')).rejects.toMatchObject(refused);
    await expect(tree().copyFolder('source', path)).rejects.toMatchObject(refused);
    await expect(tree().copyFolder('source', 'target', { select: { files: [path] } })).rejects.toMatchObject(refused);
  });
}

async function fill(tree: FileTree): Promise<void> {
  for (const [path, content] of Object.entries(outputs)) await tree.write(`${source}/${path}`, content);
}

async function text(tree: FileTree, path: string, range?: { start?: number; end?: number }): Promise<string> {
  return (await buffer(await tree.read(path, range))).toString();
}

async function paths(tree: FileTree, folder: string): Promise<string[]> {
  const entries: FileEntry[] = [];
  for await (const entry of tree.list(folder)) entries.push(entry);
  return entries.map(({ path }) => path);
}

async function contents(tree: FileTree, folder: string): Promise<Record<string, string>> {
  const found: Record<string, Buffer> = {};
  for (const path of await paths(tree, folder)) found[path] = await buffer(await tree.read(`${folder}/${path}`));
  return digests(found);
}

function digests(files: Readonly<Record<string, Buffer>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [path, `${content.length} ${createHash('sha256').update(content).digest('hex')}`]));
}

async function unpack(archive: Buffer): Promise<Record<string, string>> {
  const found: Record<string, Buffer> = {};
  const parser = new Parser({ strict: true });
  parser.on('entry', (entry) => {
    const chunks: Buffer[] = [];
    entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    entry.on('end', () => {
      if (entry.type === 'File') found[entry.path] = Buffer.concat(chunks);
    });
  });
  await new Promise<void>((resolve, reject) => {
    parser.on('end', resolve);
    parser.on('error', reject);
    parser.end(gunzipSync(archive));
  });
  return digests(found);
}
