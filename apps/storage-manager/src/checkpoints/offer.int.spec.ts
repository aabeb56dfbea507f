// Is everything moved out of a program's way before it starts, on every kind of store, and nothing lost, whenever the mover dies?
import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStorage, type FileTree } from '#storage';
import { withS3, type S3Store } from '#testing';
import { findCheckpoints } from './find-checkpoints.ts';
import { NothingWhole, offerFrom } from './offer.ts';

const golden = join(dirname(fileURLToPath(import.meta.url)), 'golden/files');
const outputsPath = 'mona/mnist/experiments/23';
const aside = '.polyaxon/set-aside/31';
const pointer = (latest: string, ...all: string[]) => [`model_checkpoint_path: "${latest}"`, ...all.map((name) => `all_model_checkpoint_paths: "${name}"`), ''].join('\n');

/** As TensorFlow leaves them: three savings, of which the last was cut off; and folders of the trainer, of which the last has no weights. */
async function fill(tree: FileTree): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const put = async (path: string, content: Buffer) => {
    await tree.write(`${outputsPath}/${path}`, content);
    files[path] = content.toString('latin1');
  };
  for (const step of [7, 8, 9]) {
    const data = await readFile(join(golden, 'ckpt-7.data-00000-of-00001'));
    await put(`ckpt-${step}.data-00000-of-00001`, step === 9 ? data.subarray(0, 100) : data);
    await put(`ckpt-${step}.index`, await readFile(join(golden, 'ckpt-7.index')));
  }
  await put('checkpoint', Buffer.from(pointer('ckpt-9', 'ckpt-7', 'ckpt-8', 'ckpt-9')));
  for (const step of [4, 6]) {
    for (const name of await readdir(join(golden, 'checkpoint-4'))) {
      if (step === 4 || name !== 'pytorch_model.bin') await put(`trainer/checkpoint-${step}/${name}`, await readFile(join(golden, 'checkpoint-4', name)));
    }
  }
  await put('metrics.csv', Buffer.from('1,2\n'));
  return files;
}

async function contents(tree: FileTree): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { path } of tree.list(outputsPath)) {
    const chunks: Buffer[] = [];
    for await (const chunk of await tree.read(`${outputsPath}/${path}`)) chunks.push(chunk as Buffer);
    if (!path.endsWith('note.json')) files[path] = Buffer.concat(chunks).toString('latin1');
  }
  return files;
}

const request = { experimentId: 31, attempt: 1, outputsPath, from: null, forced: false };
const moved = ['ckpt-9.data-00000-of-00001', 'ckpt-9.index'];
const movedFolder = /^trainer\/checkpoint-6\//;
const isMoved = (path: string) => moved.includes(path) || movedFolder.test(path);

function expected(before: Record<string, string>): Record<string, string> {
  const places = Object.entries(before).map(([path, content]) => [isMoved(path) ? `${aside}/${path}` : path, content] as const);
  return { ...Object.fromEntries(places), checkpoint: pointer('ckpt-8', 'ckpt-7', 'ckpt-8'), [`${aside}/checkpoint`]: before.checkpoint as string };
}

function offers(title: string, open: () => Promise<FileTree>): void {
  describe(title, () => {
    let tree: FileTree;
    let before: Record<string, string>;
    beforeEach(async () => {
      tree = await open();
      await tree.remove(outputsPath);
      before = await fill(tree);
    });

    it('damaged ones are set aside, and the file that names the latest names one that is there', async () => {
      const { setAside } = await offerFrom(tree)(request);
      expect(setAside.map(({ path, to }) => [path, to]).sort()).toEqual([['ckpt-9', aside], ['trainer/checkpoint-6', aside]]);
      expect(await contents(tree)).toEqual(expected(before));
      const { checkpoints } = await findCheckpoints(tree, outputsPath);
      expect(checkpoints.filter(({ complete }) => !complete)).toEqual([]);
    });

    it('broken off after any of its writes and moves, it is ended by the next, who says the same', async () => {
      const whole = await offerFrom(tree)(request);
      for (let writes = 0; ; writes += 1) {
        await tree.remove(outputsPath);
        await fill(tree);
        const died = await offerFrom(dying(tree, writes))(request).then(() => false, () => true);
        const after = await offerFrom(tree)(request);
        expect(after.setAside.map(({ path }) => path).sort()).toEqual(whole.setAside.map(({ path }) => path).sort());
        expect(after.offered?.framework).toBeDefined();
        expect(await contents(tree)).toEqual(expected(before));
        if (!died) break;
      }
    });

    it('later ones than the one that was asked for are set aside', async () => {
      const { offered, setAside } = await offerFrom(tree)({ ...request, from: 'ckpt-7' });
      expect(offered).toMatchObject({ path: 'ckpt-7', step: 7, framework: 'tensorflow' });
      expect(setAside.map(({ path }) => path)).toEqual(expect.arrayContaining(['ckpt-8', 'ckpt-9', 'trainer/checkpoint-6']));
      expect((await contents(tree)).checkpoint).toBe(pointer('ckpt-7', 'ckpt-7'));
    });

    it('before a later attempt it is the same, with a note of its own; where nobody can know, everything stays', async () => {
      await offerFrom(tree)(request);
      const data = await readFile(join(golden, 'ckpt-7.data-00000-of-00001'));
      await tree.write(`${outputsPath}/ckpt-10.data-00000-of-00001`, data.subarray(0, 50));
      await tree.write(`${outputsPath}/ckpt-10.index`, await readFile(join(golden, 'ckpt-7.index')));
      const again = await offerFrom(tree)({ ...request, attempt: 2 });
      expect(again).toMatchObject({ offered: { complete: true }, setAside: [{ path: 'ckpt-10', to: `${aside}-2` }] });
      for (const step of [7, 8]) await tree.write(`${outputsPath}/ckpt-${step}.index`, Buffer.from('cut'));
      await tree.write(`${outputsPath}/trainer/checkpoint-4/trainer_state.json`, Buffer.from('{'));
      const damaged = await contents(tree);
      expect(await offerFrom(tree)({ ...request, attempt: 3 })).toEqual({ offered: null, parts: [], setAside: [] });
      expect(await contents(tree)).toEqual(damaged);
    });

    it('nothing is touched when somebody insists, or when there is nothing whole', async () => {
      await offerFrom(tree)({ ...request, forced: true });
      expect(await contents(tree)).toEqual(before);
      for (const step of [7, 8]) await tree.write(`${outputsPath}/ckpt-${step}.index`, Buffer.from('cut'));
      await tree.write(`${outputsPath}/trainer/checkpoint-4/trainer_state.json`, Buffer.from('{'));
      const damaged = await contents(tree);
      await expect(offerFrom(tree)(request)).rejects.toThrow(NothingWhole);
      expect(await contents(tree)).toEqual(damaged);
    });
  });
}

/** A tree whose process dies after so many changes. */
function dying(tree: FileTree, changes: number): FileTree {
  let left = changes;
  const unless = async <Result>(change: () => Promise<Result>): Promise<Result> => {
    left -= 1;
    if (left < 0) throw new Error('killed');
    return change();
  };
  return new Proxy(tree, {
    get: (target, name) => {
      if (name === 'move') return (path: string, to: string) => unless(() => target.move(path, to));
      if (name === 'write') return (path: string, content: Uint8Array) => unless(() => target.write(path, content));
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'polyaxon-offer-'));
  await cp(golden, join(root, 'unrelated'), { recursive: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

offers('on a volume', () => openStorage({ kind: 'volume', root }));
withS3('in a bucket', (openStore) => {
  let store: S3Store;
  beforeAll(async () => {
    store = await openStore();
  });
  afterAll(async () => store.stop());
  offers('it is the same', () => openStorage({ kind: 's3', ...store.settings }));
});
