// Is a verified copy of a folder as fast as `cp -r`?
import { execFile } from 'node:child_process';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openStorage, type FileTree } from '#storage';
import { correct, takingTurns, timed, type BenchResult } from './result.ts';
import { inMemory, inScratch } from './scratch.ts';

const run = promisify(execFile);
const repetitions = 7;
const goal = 1.3;
const peer = ['cp', '-r', '--reflink=auto'] as const;

const cases = [
  { name: '2,000 files of 64 KiB', files: 2000, sizeBytes: 64 * 1024 },
  { name: '2 files of 1 GiB', files: 2, sizeBytes: 1024 ** 3 },
];

/** In memory, because a disk answers differently every time; our time includes surveying, verifying, and flushing, which `cp` doesn't do. */
export function bench(): Promise<BenchResult[]> {
  return inScratch(inMemory, async (root) => {
    const tree = await openStorage({ kind: 'volume', root });
    const results: BenchResult[] = [];
    for (const one of cases) results.push(await compare(tree, one));
    return results;
  });
}

async function compare(tree: FileTree, { name, files, sizeBytes }: (typeof cases)[number]): Promise<BenchResult> {
  const [source, mine, other] = ['source', 'ours', 'theirs'].map((folder) => join(tree.root, folder)) as [string, string, string];
  await fill(source, files, sizeBytes);
  let isChecked = false;
  const ours = async () => {
    const ms = await timed(() => tree.copyFolder('source', 'ours'));
    if (!isChecked) correct('the copy is the same', await run('diff', ['-r', source, mine]).then(() => true, () => false));
    isChecked = true;
    await tree.remove('ours');
    return ms;
  };
  const theirs = async () => {
    const ms = await timed(() => run(peer[0], [...peer.slice(1), source, other]));
    await tree.remove('theirs');
    return ms;
  };
  const measured = await takingTurns({ ours, theirs }, { rounds: repetitions });
  await tree.remove('source');
  return { name: `copy ${name}`, peer: peer.join(' '), ...measured, goal, bound: 'at most', unit: 'ms' };
}

async function fill(folder: string, files: number, sizeBytes: number): Promise<void> {
  await mkdir(folder);
  const piece = Buffer.alloc(Math.min(sizeBytes, 1024 * 1024), 'checkpoint');
  for (let file = 0; file < files; file += 1) {
    const path = join(folder, `model-${file}.ckpt`);
    if (piece.length === sizeBytes) {
      await writeFile(path, piece);
      continue;
    }
    const handle = await open(path, 'w');
    for (let written = 0; written < sizeBytes; written += piece.length) await handle.write(piece);
    await handle.close();
  }
}
