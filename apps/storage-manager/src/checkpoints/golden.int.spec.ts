// Are the files that the frameworks really write recognised, and is each told from one that was cut off? golden/write-*.py made them.
import { cp, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStorage } from '#storage';
import { withS3, type S3Store } from '#testing';
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
  'checkpoint-4': 'huggingface, step 4, complete',
  'ckpt-7': 'tensorflow, step 7, complete',
  'cp-0004.ckpt': 'tensorflow, step 4, complete',
  'epoch-0003.h5': 'keras, step 3, complete',
  'epoch-0003.keras': 'keras, step 3, complete',
  'epoch-0003.weights.h5': 'keras, step 3, complete',
  'epoch-5.pth': 'pytorch, step 5, complete',
  'epoch-6.legacy.pt': 'pytorch, step 6, complete',
  'model-step-11.safetensors': 'safetensors, step 11, complete',
  'step-8.jit.pt': 'pytorch, step 8, complete',
  'step-9.dcp': 'pytorch-distributed, step 9, complete',
};

const parts = [
  ['ckpt-7.data-00000-of-00001', 'ckpt-7'],
  ['ckpt-7.index', 'ckpt-7'],
  ['epoch-0003.h5', 'epoch-0003.h5'],
  ['epoch-0003.keras', 'epoch-0003.keras'],
  ['epoch-0003.weights.h5', 'epoch-0003.weights.h5'],
  ['epoch-5.pth', 'epoch-5.pth'],
  ['epoch-6.legacy.pt', 'epoch-6.legacy.pt'],
  ['step-8.jit.pt', 'step-8.jit.pt'],
  ['model-step-11.safetensors', 'model-step-11.safetensors'],
  ['checkpoint-4/trainer_state.json', 'checkpoint-4'],
  ['checkpoint-4/optimizer.pt', 'checkpoint-4'],
  ['checkpoint-4/pytorch_model.bin', 'checkpoint-4'],
  ['step-9.dcp/.metadata', 'step-9.dcp'],
  ['step-9.dcp/__0_0.distcp', 'step-9.dcp'],
] as const;
const damaged = (path: keyof typeof complete) => ({ ...complete, [path]: complete[path].replace('complete', 'damaged') });
/** JSON is whole without the end of its last line. */
const least = (file: string) => (file.endsWith('.json') ? 2 : 1);
/** Cut off, the beginning of this one still says which step it was at; nothing else does. */
const expectedOf = (path: keyof typeof complete) => expect.objectContaining({ ...damaged(path), [path]: expect.stringContaining('damaged') });

it('all are recognised', async () => expect(await find()).toEqual(complete));

it.each(parts)('%s, cut off anywhere', async (file, path) => {
  const { length } = await readFile(join(golden, file));
  for (const bytes of [length - least(file), Math.floor(length / 2), 10]) {
    await truncate(join(root, 'outputs', file), bytes);
    expect(await find()).toEqual(expectedOf(path));
  }
});

it.each([
  ['ckpt-7.data-00000-of-00001', 'ckpt-7', 200],
  ['epoch-5.pth', 'epoch-5.pth', 80],
  ['epoch-0003.keras', 'epoch-0003.keras', 5000],
  ['checkpoint-4/optimizer.pt', 'checkpoint-4', 7000],
] as const)('%s, with one bit that isn\'t as it was written', async (name, path, at) => {
  const file = join(root, 'outputs', name);
  const content = await readFile(file);
  content.writeUInt8(content.readUInt8(at) ^ 16, at);
  await writeFile(file, content);
  expect(await find()).toEqual(damaged(path));
});

it('a part that is missing', async () => {
  await rm(join(root, 'outputs/step-9.dcp/__0_1.distcp'));
  await rm(join(root, 'outputs/checkpoint-4/optimizer.pt'));
  const { checkpoints } = await findCheckpoints(await openStorage({ kind: 'volume', root }), 'outputs');
  expect(checkpoints.filter(({ complete: isComplete }) => !isComplete).map(({ path, problem }) => [path, problem]).sort()).toEqual([
    ['checkpoint-4', 'its optimizer.pt is missing'],
    ['step-9.dcp', '1 of its 3 parts are missing: __0_1.distcp'],
  ]);
});

withS3('in a bucket', (openStore) => {
  let store: S3Store;
  beforeAll(async () => {
    store = await openStore();
  });
  afterAll(async () => store.stop());

  it('they are read in pieces, and told apart as on a volume', async () => {
    const tree = await openStorage({ kind: 's3', ...store.settings });
    const names = (await readdir(golden, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(golden.length + 1));
    for (const name of names) await tree.write(`outputs/${name}`, await readFile(join(golden, name)));
    const found = async () => {
      const { checkpoints } = await findCheckpoints(tree, 'outputs');
      return Object.fromEntries(checkpoints.map(({ path, framework, step, complete: isComplete }) => [path, `${framework}, step ${step}, ${isComplete ? 'complete' : 'damaged'}`]));
    };
    expect(await found()).toEqual(complete);
    for (const [file, path] of parts) {
      const content = await readFile(join(golden, file));
      await tree.write(`outputs/${file}`, content.subarray(0, -least(file)));
      expect(await found()).toEqual(expectedOf(path));
      await tree.write(`outputs/${file}`, content);
    }
  });
});
