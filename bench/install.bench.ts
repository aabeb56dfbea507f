// How much does a bare clone have to fetch, and how long does that take?
import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { correct, timed, type BenchResult } from './result.ts';
import { inMemory, inScratch } from './scratch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
const wanted = { ours: 0, theirs: null, ratio: null, goal: null, bound: 'at most' } as const;

/** With an empty cache, as on a new machine; how near the registry is decides most of the time, so that it is told and has no goal. */
export function bench(): Promise<BenchResult[]> {
  return inScratch(inMemory, async (folder) => {
    for (const file of ['package.json', 'package-lock.json']) await copyFile(join(root, file), join(folder, file));
    const ms = await timed(() => promisify(execFile)('npm', [...command, `--cache=${join(folder, 'cache')}`], { cwd: folder }).catch(failed));
    const modules = join(folder, 'node_modules');
    const { packages } = JSON.parse(await readFile(join(modules, '.package-lock.json'), 'utf8')) as { packages: object };
    correct('packages were installed', Object.keys(packages).length > 0);
    const peer = null;
    return [
      { ...wanted, name: 'cold npm ci', peer, ours: ms / 1000, unit: 's' },
      { ...wanted, name: 'what it installs', peer, ours: (await bytesIn(modules)) / 1e6, unit: 'MB' },
      { ...wanted, name: 'of which packages', peer, ours: Object.keys(packages).length, unit: '' },
    ];
  });
}

function failed(error: Error & { stderr?: string }): never {
  throw new Error(`npm ci failed: ${(error.stderr ?? error.message).split('\n').slice(0, 3).join(' ')}`);
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}
