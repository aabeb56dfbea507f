// Does what lies below a prefix of a bucket keep the contract of a tree of files, on real servers?
import { fileTreeContract, withS3, type S3Store } from '#testing';
import { openStorage } from '../index.ts';

withS3('an S3 store', (open, server) => {
  let store: S3Store;
  let trees = 0;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(async () => store.stop());

  fileTreeContract(`a prefix on ${server}`, async () => {
    trees += 1;
    const tree = await openStorage({ kind: 's3', ...store.settings, prefix: `tree-${trees}/outputs` });
    return { tree, close: async () => undefined };
  });

  it('a signed address gives the file to whoever has it, whole or a part, to be saved and not shown, and nothing else', async () => {
    const tree = await openStorage({ kind: 's3', ...store.settings, prefix: 'linked' });
    await tree.write('23/a b/ü+%2F', Buffer.from('<script>trained</script>'));
    await tree.write('23/other', Buffer.from('not given'));
    const url = (await tree.link('23/a b/ü+%2F', 60))!;
    const answer = await fetch(url);
    expect([answer.status, await answer.text(), answer.headers.get('content-disposition'), answer.headers.get('content-type')]).toEqual([200, '<script>trained</script>', 'attachment', 'application/octet-stream']);
    const part = await fetch(url, { headers: { range: 'bytes=8-14' } });
    expect([part.status, await part.text()]).toEqual([206, 'trained']);
    const other = new URL(url);
    other.pathname = other.pathname.replace(/[^/]+\/[^/]+$/, 'other');
    const signed = /(X-Amz-Signature=)(.)/;
    for (const wrong of [
      other.href,
      url.replace(signed, (_, name: string, first: string) => name + (first === '0' ? '1' : '0')),
      url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'),
    ])
      expect((await fetch(wrong)).status).toBe(403);
    expect((await fetch(url, { method: 'PUT', body: 'overwritten' })).status).toBe(403);
  });
});
