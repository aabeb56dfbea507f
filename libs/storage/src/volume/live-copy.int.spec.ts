// Is the copy of outputs that are being written what they were at one moment?
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage, type FileTree } from '../index.ts';

describe('a live copy', () => {
  let root: string;
  let tree: FileTree;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'live-'));
    mkdirSync(join(root, '23'));
    for (let file = 0; file < 200; file += 1) writeFileSync(join(root, '23', `shard-${file}`), Buffer.alloc(16 * 1024, file));
    tree = await openStorage({ kind: 'volume', root });
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const text = (...segments: string[]): string => readFileSync(join(root, ...segments), 'utf8');

  /** A checkpoint as programs save it: the weights first, then a pointer to them, then the old weights go. */
  const save = (step: number): void => {
    writeFileSync(join(root, '23', `model-${step}`), `weights of ${step}`);
    writeFileSync(join(root, '23', 'pointer.tmp'), `model-${step}`);
    renameSync(join(root, '23', 'pointer.tmp'), join(root, '23', 'pointer'));
    rmSync(join(root, '23', `model-${step - 1}`), { force: true });
  };

  it('waits until a checkpoint is whole, and points to weights that are there', async () => {
    let step = 0;
    save(step);
    const copying = tree.copyFolder('23', '31', { live: true });
    const saving = setInterval(() => (step < 20 ? save((step += 1)) : clearInterval(saving)), 10);
    const report = await copying;
    clearInterval(saving);
    const pointed = text('31', 'pointer');
    expect(text('31', pointed)).toBe(`weights of ${pointed.slice('model-'.length)}`);
    expect(readdirSync(join(root, '31')).filter((name) => name.startsWith('model-'))).toEqual([pointed]);
    expect(report.rounds).toBeGreaterThan(1);
    expect(report.files).toBe(readdirSync(join(root, '31')).length);
  });

  it('finds a moment between two savings of a program that saves all the time', async () => {
    let step = 0;
    save(step);
    const saving = setInterval(() => save((step += 1)), 80);
    try {
      const report = await tree.copyFolder('23', '31', { live: true, settling: { quietRounds: 2 } });
      const pointed = text('31', 'pointer');
      expect(text('31', pointed)).toBe(`weights of ${pointed.slice('model-'.length)}`);
      expect([report.files, report.rounds > 2]).toEqual([202, true]);
    } finally {
      clearInterval(saving);
    }
  });

  it('copies again a file that was rewritten without looking any newer', async () => {
    writeFileSync(join(root, '23', 'same-size'), 'one');
    const copying = tree.copyFolder('23', '31', { live: true });
    writeFileSync(join(root, '23', 'same-size'), 'two');
    await copying;
    expect(text('31', 'same-size')).toBe('two');
  });

  it('gives up on one that never holds still, and names it', async () => {
    const writing = setInterval(() => writeFileSync(join(root, '23', 'counter'), `${performance.now()}`), 2);
    try {
      await expect(tree.copyFolder('23', '31', { live: true, settling: { rounds: 3, quietMs: 30 } })).rejects.toMatchObject({
        reason: 'source-changed',
        message: expect.stringContaining('counter'),
      });
    } finally {
      clearInterval(writing);
    }
    expect(readdirSync(root)).toEqual(['23']);
  });

  it('is not an empty one when the source goes', async () => {
    const copying = tree.copyFolder('23', '31', { live: true });
    const failed = expect(copying).rejects.toMatchObject({ reason: 'source-missing' });
    renameSync(join(root, '23'), join(root, 'elsewhere'));
    await failed;
    expect(readdirSync(root)).toEqual(['elsewhere']);
  });
});
