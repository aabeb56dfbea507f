// Do outputs arrive whole, and with the least that has to be transferred, also over bad connections?
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandLine } from '../../test/command-line.ts';
import { RecordingGateway } from '../../test/recording-gateway.ts';
import { ServedOutputs } from '../../test/served-outputs.ts';

const gateway = new RecordingGateway();
let shell: CommandLine;
let served: ServedOutputs;
const large = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7 + (index >> 8)) % 251));
const slack = 128 * 1024;

beforeAll(async () => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.forget();
  served = new ServedOutputs(gateway, '/mona/mnist/experiments/23').set('model.bin', large).set('sub/a.pt', 'a').set('sub/deep/b.pt', 'bb').set('log.txt', 'hello');
  shell = new CommandLine(gateway.port).initialise();
});
afterEach(() => shell.remove());

const outputs = (...words: string[]) => shell.type(['experiment', '-xp', '23', 'outputs', ...words]);
const there = (path: string) => readFileSync(join(shell.folder, path));
const folder = (path = '.') => readdirSync(join(shell.folder, path), { recursive: true }).map(String).filter((name) => !name.startsWith('.polyaxon')).sort();

describe('a download', () => {
  it('whose connection is cut goes on where it was, and no byte comes twice', async () => {
    Object.assign(served, { cuts: [1_000_000, 500_000, 0], withDigest: false });
    expect(await outputs('get', 'model.bin')).toMatchObject({ code: 0, stdout: 'Files downloaded.\n' });
    expect(there('model.bin').equals(large)).toBe(true);
    expect(served.asked).toHaveLength(4);
    expect(served.sent).toBeLessThan(large.length + slack);
    expect(folder()).toEqual(['model.bin']);
  });

  it('that was given up is gone on with by the next command', async () => {
    served.cuts = [1_000_000, 0, 0, 0, 0, 0];
    const first = await outputs('get', 'model.bin');
    expect([first.code, first.stderr]).toEqual([1, expect.stringContaining('model.bin.part')]);
    expect(folder()).toEqual(['model.bin.part', 'model.bin.part.json']);
    expect((await outputs('get', 'model.bin')).code).toBe(0);
    expect(there('model.bin').equals(large)).toBe(true);
    expect(served.sent).toBeLessThan(large.length + slack);
  }, 60_000);

  it('of a file that changes in between begins again', async () => {
    const newer = Buffer.from(large).reverse();
    Object.assign(served, { cuts: [1_000_000], afterCut: () => served.set('model.bin', newer) });
    expect((await outputs('get', 'model.bin', '--to', 'here.bin')).code).toBe(0);
    expect(there('here.bin').equals(newer)).toBe(true);
    expect(served.asked).toEqual(['model.bin@0', 'model.bin@0']);
  });

  it('that comes wrong is not taken for right', async () => {
    served.wrongDigests = 1;
    expect((await outputs('get', 'log.txt')).code).toBe(0);
    expect(served.asked).toHaveLength(2);
    served.wrongDigests = 99;
    expect(await outputs('get', 'log.txt', '--to', 'other.txt')).toMatchObject({ code: 1, stderr: expect.stringContaining('wrong sha256') as string });
    expect(existsSync(join(shell.folder, 'other.txt'))).toBe(false);
  });

  it('is of a file, a folder, or all that matches', async () => {
    expect((await outputs('get', 'sub/a.pt')).code).toBe(0);
    expect((await outputs('get', 'sub/', '--to', 'there')).code).toBe(0);
    expect((await outputs('get', '--glob', '**/*.pt', '--to', 'globbed')).code).toBe(0);
    expect(folder()).toEqual(['a.pt', 'globbed', 'globbed/sub', 'globbed/sub/a.pt', 'globbed/sub/deep', 'globbed/sub/deep/b.pt', 'there', 'there/a.pt', 'there/deep', 'there/deep/b.pt']);
    expect(await outputs('get', '--glob', '*.nothing')).toMatchObject({ code: 4, stderr: expect.stringContaining('matches *.nothing') as string });
    expect(await outputs('get', 'nowhere')).toMatchObject({ code: 3 });
    expect((await outputs('get')).code).toBe(2);
    expect((await outputs('du', '-o', 'json')).stdout).toContain('"files": 4');
  });

  it('writes nowhere else than it was told', async () => {
    served.set('../../escape', 'no');
    expect(await outputs('get', '--glob', '**')).toMatchObject({ code: 1, stderr: expect.stringContaining('../../escape') as string });
    served.remove('../../escape');
    mkdirSync(join(shell.folder, 'mine'));
    mkdirSync(join(shell.home, 'elsewhere'));
    symlinkSync(join(shell.home, 'elsewhere'), join(shell.folder, 'mine/sub'));
    expect((await outputs('get', '--sync', 'mine')).code).toBe(1);
    expect(readdirSync(join(shell.home, 'elsewhere'))).toEqual([]);
  });
});

it('a link is nothing but its address on stdout', async () => {
  gateway.on('GET /mona/mnist/experiments/23/outputs/link', { url: 'http://store/x?signed', expires_at: '2026-01-01T00:30:00.000Z' });
  expect(await outputs('link', 'log.txt', '--expires', '30m')).toMatchObject({ code: 0, stdout: 'http://store/x?signed\n', stderr: expect.stringContaining('2026-01-01') as string });
  expect(gateway.requests.at(-1)?.query).toEqual({ path: 'log.txt', expires: '1800' });
  expect((await outputs('link', 'log.txt', '--expires', 'soon')).code).toBe(2);
});

describe('a sync', () => {
  it('transfers what differs, and deletes only what it is told to', async () => {
    expect((await outputs('get', '--sync', 'copy')).code).toBe(0);
    expect(folder('copy')).toEqual(['.sync.polyaxon.tmp', 'log.txt', 'model.bin', 'sub', 'sub/a.pt', 'sub/deep', 'sub/deep/b.pt']);
    served.asked.length = 0;
    served.set('log.txt', 'HELLO').remove('sub/deep/b.pt');
    writeFileSync(join(shell.folder, 'copy/sub/a.pt'), 'z');
    writeFileSync(join(shell.folder, 'copy/own.txt'), 'mine');
    expect(await outputs('get', '--sync', 'copy')).toMatchObject({ code: 0, stderr: expect.stringContaining('--delete') as string });
    expect(served.asked.sort()).toEqual(['log.txt@0', 'sub/a.pt@0']);
    expect([there('copy/log.txt'), there('copy/sub/a.pt'), there('copy/own.txt')].map(String)).toEqual(['HELLO', 'a', 'mine']);
    served.asked.length = 0;
    expect(JSON.parse((await outputs('get', '--sync', 'copy', '--delete', '-o', 'json')).stdout)).toMatchObject({ downloaded: 0, deleted: ['own.txt', 'sub/deep/b.pt'] });
    expect(served.asked).toEqual([]);
    expect(folder('copy')).toEqual(['.sync.polyaxon.tmp', 'log.txt', 'model.bin', 'sub', 'sub/a.pt']);
  });

  it('is of a part, too, and of nothing but folders', async () => {
    expect((await outputs('get', 'sub', '--sync', 'copy')).code).toBe(0);
    expect(folder('copy')).toEqual(['.sync.polyaxon.tmp', 'a.pt', 'deep', 'deep/b.pt']);
    expect((await outputs('get', 'log.txt', '--sync', 'copy')).code).toBe(2);
  });

  it('compares by content what it knows nothing of', async () => {
    await outputs('get', '--sync', 'copy');
    rmSync(join(shell.folder, 'copy/.sync.polyaxon.tmp'));
    served.asked.length = 0;
    expect((await outputs('get', '--sync', 'copy')).code).toBe(0);
    expect(served.asked).toEqual([]);
  });

  it('deletes nothing in a folder that was never synced', async () => {
    shell.write('precious/thesis.txt', 'years of work');
    expect(await outputs('get', '--sync', 'precious', '--delete')).toMatchObject({ code: 4, stderr: expect.stringContaining('never synced') as string });
    expect(folder('precious')).toEqual(['thesis.txt']);
  });
});
