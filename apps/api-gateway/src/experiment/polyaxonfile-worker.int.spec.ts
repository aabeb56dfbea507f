// Is a polyaxonfile compiled elsewhere, and is one that takes too long given up without harm to others?
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PolyaxonfileWorker } from './polyaxonfile-worker.ts';

const file = 'version: 1\nkind: experiment\nname: x\nparams: {lr: 0.1}\nrun:\n  cmd: train --lr {{ lr }}\n';

describe('with the thread of the gateway', () => {
  const worker = new PolyaxonfileWorker();
  afterAll(() => worker.stop());

  it('compiles before and after the overrides', async () => {
    const { before, after, differences } = await worker.compile(file, ["{'params': {'lr': 0.5}}", 'tags: [a]']);
    expect(before.rendered.command).toBe('train --lr 0.1');
    expect(after).toMatchObject({ name: 'x', tags: ['a'], rendered: { command: 'train --lr 0.5', params: { lr: 0.5 } } });
    expect(JSON.parse(after.rendered.content)).toMatchObject({ run: { cmd: 'train --lr {{ lr }}' }, params: { lr: 0.5 } });
    expect(differences).toHaveLength(2);
  });

  it('refuses what is none, in the words of its reader', async () => {
    await expect(worker.compile('version: 1\nkind: experiment\n', [])).rejects.toMatchObject({ name: 'Refusal', code: 'polyaxonfile-invalid' });
    await expect(worker.compile(file, ['- a'])).rejects.toMatchObject({ code: 'override-invalid' });
    await expect(worker.compile(file, ['run: {cmd: 1, x: 2}'])).rejects.toMatchObject({ code: 'override-invalid' });
    await expect(worker.compile('version: 1\nkind: job\nrun: {cmd: x}\n', [])).rejects.toMatchObject({ code: 'polyaxonfile-invalid' });
  });

  it('answers many at once, each with its own', async () => {
    const commands = await Promise.all(Array.from({ length: 30 }, async (_, number) => (await worker.compile(file, [`params: {lr: ${number}}`])).after.rendered.command));
    expect(commands).toEqual(Array.from({ length: 30 }, (_, number) => `train --lr ${number}`));
  });
});

it('gives up one that takes too long, and goes on with a new thread', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polyaxon-thread-'));
  const thread = join(folder, 'thread.mjs');
  await writeFile(
    thread,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', ({ content }) => {
       if (content === 'endless') for (;;);
       if (content === 'fat') { const all = []; for (;;) all.push(new Array(1e6).fill(Math.random())); }
       parentPort.postMessage({ result: content });
     });
     parentPort.postMessage('ready');`,
  );
  const worker = new PolyaxonfileWorker(500, pathToFileURL(thread));
  const [endless, next] = await Promise.allSettled([worker.compile('endless', []), worker.compile('next', [])]);
  expect(endless).toMatchObject({ status: 'rejected', reason: { code: 'polyaxonfile-invalid', message: expect.stringContaining('too much time') as string } });
  expect(next).toEqual({ status: 'fulfilled', value: 'next' });
  await expect(worker.compile('fat', [])).rejects.toMatchObject({ code: 'polyaxonfile-invalid' });
  expect(await worker.compile('again', [])).toBe('again');
  await worker.stop();
  await rm(folder, { recursive: true });
});
