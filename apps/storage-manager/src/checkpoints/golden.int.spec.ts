// Are the files that the frameworks really write recognised, and is each told from one that was cut off? golden/write-*.py made them.
import { cp, mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStorage } from '#storage';
import { findCheckpoints } from './find-checkpoints.ts';

const golden = join(dirname(fileURLToPath(import.meta.url)), 'golden/files');
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'polyaxon-golden-'));
  await cp(golden, join(root, 'outputs'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function find(): Promise<Record<string, string>> {
  const { checkpoints } = await findCheckpoints(await openStorage({ kind: 'volume', root }), 'outputs');
  return Object.fromEntries(checkpoints.map(({ path, framework, step, complete }) => [path, `${framework}, step ${step}, ${complete ? 'complete' : 'damaged'}`]));
}

const complete = {
  'ckpt-7': 'tensorflow, step 7, complete',
  'cp-0004.ckpt': 'tensorflow, step 4, complete',
  'epoch-0003.h5': 'keras, step 3, complete',
  'epoch-0003.keras': 'keras, step 3, complete',
  'epoch-0003.weights.h5': 'keras, step 3, complete',
  'epoch-5.pth': 'pytorch, step 5, complete',
  'epoch-6.legacy.pt': 'pytorch, step 6, complete',
  'step-8.jit.pt': 'pytorch, step 8, complete',
};

it('all are recognised', async () => expect(await find()).toEqual(complete));

it.each([
  ['ckpt-7.data-00000-of-00001', 'ckpt-7'],
  ['ckpt-7.index', 'ckpt-7'],
  ['epoch-0003.h5', 'epoch-0003.h5'],
  ['epoch-0003.keras', 'epoch-0003.keras'],
  ['epoch-0003.weights.h5', 'epoch-0003.weights.h5'],
  ['epoch-5.pth', 'epoch-5.pth'],
  ['step-8.jit.pt', 'step-8.jit.pt'],
] as const)('%s, cut off anywhere', async (file, path) => {
  const { length } = await readFile(join(golden, file));
  for (const bytes of [length - 1, Math.floor(length / 2), 10]) {
    await truncate(join(root, 'outputs', file), bytes);
    expect(await find()).toEqual({ ...complete, [path]: complete[path].replace('complete', 'damaged') });
  }
});
