// Does a copy whose copier is killed at any point stay invisible, and does the next one finish it?
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '../index.ts';

const files = 500;
const seed = Number(process.env.SEED ?? 20240923);
/** After how many files the copier dies; the last ones are about the moment it shows. */
const points = Array.from({ length: 8 }, (_, index) => (seed * (index + 1) * 7919) % files).concat(files, files);

const script = `
  import { openStorage } from '#storage';
  const tree = await openStorage({ kind: 'volume', root: process.argv[1] });
  await tree.copyFolder('23', '31');
`;

describe(`a copier (seed ${seed})`, () => {
  const root = mkdtempSync(join(tmpdir(), 'killed-'));
  const unfinished = join(root, '.31.polyaxon.tmp');
  beforeAll(() => {
    mkdirSync(join(root, '23', 'a', 'b'), { recursive: true });
    for (let file = 0; file < files; file += 1) writeFileSync(join(root, '23', file % 2 === 0 ? 'a' : 'a/b', `f${file}`), Buffer.alloc(32 * 1024, file));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it.each(points)('killed after %d files has shown nothing or everything, and the next one finishes', async (point) => {
    const tree = await openStorage({ kind: 'volume', root });
    await tree.remove('31');
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, root], { stdio: ['ignore', 'ignore', 'inherit'] });
    await copied(child, point);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect([0, null]).toContain(child.exitCode); // killed, or done before that

    const isShown = existsSync(join(root, '31'));
    if (isShown) execFileSync('diff', ['-r', join(root, '23'), join(root, '31')]);
    expect(await tree.usage('31')).toMatchObject({ files: isShown ? files : 0 });
    expect((await tree.children('')).folders).toEqual(isShown ? ['23', '31'] : ['23']);

    expect(await tree.copyFolder('23', '31')).toMatchObject({ files });
    execFileSync('diff', ['-r', join(root, '23'), join(root, '31')]);
    expect(existsSync(unfinished)).toBe(false);
  });

  async function copied(child: ChildProcess, point: number): Promise<void> {
    const done = (): boolean => child.exitCode !== null || existsSync(join(root, '31')) || count(unfinished) >= point;
    while (!done()) await new Promise(setImmediate);
  }

  function count(folder: string): number {
    try {
      return readdirSync(join(folder, 'a')).length + readdirSync(join(folder, 'a', 'b')).length;
    } catch {
      return 0;
    }
  }
});
