// Does uploaded code arrive whole, come back as it was, and leave nothing behind when it is refused?
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { request } from 'node:http';
import type { ExperimentBody, ProjectBody } from '#contracts';
import { openTestStore, until, type TestStore } from '#testing';
import { adminToken, startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

let database: TestStore;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  database = await openTestStore();
  gateway = await startGatewayUnderTest({ databaseUrl: database.url });
  await gateway.call('POST', '/projects', { json: { name: 'p' } });
});
afterAll(async () => {
  await gateway?.stop();
  await database?.close();
});

interface Uploaded {
  readonly revision: string;
  readonly files: number;
  readonly size_bytes: number;
  readonly unchanged: boolean;
}

function archive(files: Readonly<Record<string, string>>, type: 'File' | 'SymbolicLink' = 'File'): Buffer<ArrayBuffer> {
  const blocks = Object.entries(files).flatMap(([path, content]) => {
    const block = Buffer.alloc(512);
    new Header({ path, type, mode: 0o644, size: type === 'File' ? content.length : 0, ...(type === 'SymbolicLink' && { linkpath: content }) }).encode(block, 0);
    const body = Buffer.alloc(type === 'File' ? Math.ceil(content.length / 512) * 512 : 0);
    body.write(content);
    return [block, body];
  });
  return Buffer.from(gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
}

/** As the original client sends it: the absolute path of its machine for a name, text/plain for a type. */
function upload(content: Buffer<ArrayBuffer>, field = 'repo') {
  const form = new FormData();
  form.set(field, new Blob([content], { type: 'text/plain' }), '/tmp/polyaxon_pabc.tar.gz');
  form.set('json', JSON.stringify({ sync: true }));
  return gateway.call<Uploaded>('PUT', '/root/p/repo/upload/', { body: form });
}

async function download(commit?: string): Promise<{ status: number; bytes: Buffer; headers: Headers }> {
  const response = await fetch(`${gateway.url}/root/p/repo/download${commit === undefined ? '' : `?commit=${commit}`}`, { headers: { authorization: `Token ${adminToken}` } });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
}

const kept = async () => (await readdir(gateway.codeRoot, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

describe('code', () => {
  it('is missing before the first upload', async () => {
    expect((await gateway.call('GET', '/root/p/repo/download')).body).toMatchObject({ code: 'code-not-found', status: 404 });
  });

  it('is kept under its revision, and comes back byte for byte', async () => {
    const sent = archive({ './train.py': 'print(1)\n', './polyaxonfile.yml': 'version: 1\n' });
    const { status, body } = await upload(sent);
    expect(status).toBe(200);
    expect(body).toEqual({ revision: expect.stringMatching(/^[0-9a-f]{64}$/) as string, files: 2, size_bytes: 20, unchanged: false });
    expect((await upload(sent)).body).toMatchObject({ revision: body.revision, unchanged: true });
    for (const commit of [undefined, body.revision, body.revision.slice(0, 7)]) {
      const { bytes, headers } = await download(commit);
      expect(bytes.equals(sent)).toBe(true);
      expect(headers.get('x-polyaxon-content-length')).toBe(String(sent.length));
      expect(headers.get('content-length')).toBeNull();
    }
    expect((await gateway.call<ProjectBody>('GET', '/root/p')).body.has_code).toBe(true);
  });

  it('is the newest for the request right behind its upload', async () => {
    const { body } = await upload(archive({ 'train.py': 'print(2)\n' }));
    const made = await gateway.call<ExperimentBody>('POST', '/root/p/experiments', { json: { content: 'version: 1\nkind: experiment\nrun: {cmd: python train.py}' } });
    expect(made.body.code_revision).toBe(body.revision);
    expect((await gateway.call('GET', `/root/p/experiments/${made.body.id}/coderef`)).body).toEqual({ commit: body.revision });
  });

  it('that is not there is not guessed', async () => {
    for (const commit of ['abcdef0', 'zzz', '..%2f..%2fetc', 'a'.repeat(65)]) expect((await download(commit)).status).toBe(404);
  });

  it('that is refused leaves nothing behind', async () => {
    const before = await kept();
    expect((await upload(archive({ 'evil': '/etc/passwd' }, 'SymbolicLink'))).body).toMatchObject({ status: 400, code: 'upload-invalid', detail: expect.stringContaining('evil') as string });
    expect((await upload(Buffer.from('no archive'))).body).toMatchObject({ code: 'upload-invalid' });
    expect((await upload(archive({ a: 'b' }), 'json2')).body).toMatchObject({ code: 'upload-invalid' });
    expect((await gateway.call('PUT', '/root/p/repo/upload', { json: {} })).body).toMatchObject({ code: 'upload-invalid' });
    expect((await gateway.call('PUT', '/root/p/repo/upload', { body: new FormData() })).body).toMatchObject({ code: 'upload-invalid' });
    expect(await kept()).toEqual(before);
  });

  it('of more than 150 MiB is refused with an answer, and nothing of it is kept', async () => {
    const before = await kept();
    const head = Buffer.from('--x\r\ncontent-disposition: form-data; name="repo"; filename="a"\r\ncontent-type: text/plain\r\n\r\n');
    const block = Buffer.alloc(32_768, 7);
    const blocks = (151 * 1024 * 1024) / block.length;
    const header = Buffer.alloc(512);
    new Header({ path: 'big', type: 'File', mode: 0o644, size: blocks * block.length }).encode(header, 0);
    const body = Readable.from((function* () {
      yield head;
      yield gzipSync(Buffer.alloc(0)).subarray(0, 10); // the beginning of a gzip stream whose blocks are stored as they are
      yield Buffer.concat([Buffer.from([0, 0x00, 0x02, 0xff, 0xfd]), header]);
      for (let sent = 0; sent < blocks; sent += 1) yield Buffer.concat([Buffer.from([0, 0x00, 0x80, 0xff, 0x7f]), block]);
      yield Buffer.from('\r\n--x--\r\n');
    })());
    const { pathname, port, hostname } = new URL(`${gateway.url}/root/p/repo/upload`);
    const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const sending = request({ method: 'PUT', hostname, port, path: pathname, headers: { authorization: `Token ${adminToken}`, 'content-type': 'multipart/form-data; boundary=x' } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part)).on('end', () => resolve({ status: response.statusCode, text }));
      });
      sending.on('error', reject);
      body.pipe(sending);
    });
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'upload-too-large', status: 413, detail: expect.stringContaining('150 MiB') as string });
    expect(answer.status).toBe(413);
    expect(await kept()).toEqual(before);
  });

  it('whose client goes away in the middle leaves nothing behind', async () => {
    const before = await kept();
    const { pathname, port, hostname } = new URL(`${gateway.url}/root/p/repo/upload`);
    await new Promise<void>((resolve) => {
      const sending = request({ method: 'PUT', hostname, port, path: pathname, headers: { authorization: `Token ${adminToken}`, 'content-type': 'multipart/form-data; boundary=x' } });
      sending.on('error', () => resolve());
      sending.write('--x\r\ncontent-disposition: form-data; name="repo"; filename="a"\r\n\r\n');
      sending.write(archive({ a: 'b' }).subarray(0, 40), () => sending.destroy());
      sending.on('close', resolve);
    });
    await gateway.service.stop();
    await until('what had come is gone', async () => (await kept()).every((path) => !path.includes('.incoming/')));
    expect(await kept()).toEqual(before);
  });
});
