// Is code that is kept in a store found there, and what was uploaded before in its folder?
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { openStorage } from '#storage';
import { withS3, type S3Store } from '#testing';
import { CodeStore } from './code-store.ts';

function archiveOf(content: string): Buffer {
  const header = Buffer.alloc(512);
  new Header({ path: 'train.py', type: 'File', mode: 0o644, size: content.length }).encode(header, 0);
  const body = Buffer.alloc(512);
  body.write(content);
  return gzipSync(Buffer.concat([header, body, Buffer.alloc(1024)]));
}

withS3('code', (open) => {
  let store: S3Store;
  const root = mkdtempSync(join(tmpdir(), 'code-'));
  beforeAll(async () => {
    store = await open();
  });
  afterAll(async () => {
    await store.stop();
    rmSync(root, { recursive: true });
  });
  const keep = async (code: CodeStore, content: string) => {
    await code.start();
    return code.keep('mona', 'mnist', Readable.from([archiveOf(content)]));
  };

  it('is in the store under its revision, and nothing of it in the folder', async () => {
    const folder = await openStorage({ kind: 'volume', root });
    const bucket = await openStorage({ kind: 's3', ...store.settings, prefix: 'code' });
    const before = await keep(new CodeStore(root, [folder]), 'print(1)');
    const code = new CodeStore(root, [bucket, folder]);
    const { revision } = await keep(code, 'print(2)');
    await keep(code, 'print(2)');
    expect((await bucket.children('mona/mnist')).files.map(({ name }) => name)).toEqual([`${revision}.tar.gz`]);
    expect(readdirSync(join(root, 'mona/mnist'))).toEqual([`${before.revision}.tar.gz`]);
    expect(readdirSync(join(root, '.incoming'))).toEqual([]);
    for (const [known, content] of [[revision, 'print(2)'], [before.revision, 'print(1)']] as const) {
      const found = await code.find('mona', 'mnist', known.slice(0, 9));
      expect([found.revision, (await buffer(await found.open())).equals(archiveOf(content))]).toEqual([known, true]);
    }
    await expect(code.find('mona', 'mnist', '0'.repeat(64))).rejects.toMatchObject({ code: 'code-not-found' });
  });
}, ['versitygw']);
