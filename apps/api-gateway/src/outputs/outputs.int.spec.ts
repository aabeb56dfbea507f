// Do users get files of outputs as the storage-manager gives them, ranges, digests and links alike?
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExperimentBody } from '#contracts';
import { openTestStore, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

const run = { content: 'version: 1\nkind: experiment\nrun: {cmd: "true"}' };
let database: TestStore;
let gateway: GatewayUnderTest;
let at: string;
let path: string;

const json = (response: ServerResponse, status: number, body: unknown) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const storageManager = {
  '/internal/outputs/file': (_: URLSearchParams, response: ServerResponse, { headers }: IncomingMessage) => {
    if (headers.range === 'bytes=10-') return response.writeHead(416, { 'content-range': 'bytes */10' }).end();
    const told = { etag: '"v1"', 'repr-digest': 'sha-256=:AAAA:' };
    if (headers['if-range'] === '"v1"') response.writeHead(206, { ...told, 'content-range': 'bytes 8-9/10', 'content-length': 2 }).end('89');
    else response.writeHead(200, { ...told, 'content-length': 10 }).end('0123456789');
  },
  '/internal/outputs/list': (query: URLSearchParams, response: ServerResponse) => response.end(`${JSON.stringify({ path: query.get('folder') })}\n`),
  '/internal/outputs/digest': (query: URLSearchParams, response: ServerResponse) => response.end(`  ${JSON.stringify({ path: query.get('file'), sha256: 'ab' })}`),
  '/internal/outputs/link': (query: URLSearchParams, response: ServerResponse) =>
    query.get('file') === 'on-a-volume'
      ? json(response, 409, { code: 'outputs-not-linkable', detail: 'kept in folders' })
      : json(response, 200, { url: `http://store/${query.get('path')}/${query.get('file')}?for=${query.get('seconds')}` }),
};

beforeAll(async () => {
  database = await openTestStore();
  gateway = await startGatewayUnderTest({ databaseUrl: database.url, storageManager });
  await gateway.call('POST', '/projects', { json: { name: 'p', is_public: false } });
  const { body } = await gateway.call<ExperimentBody>('POST', '/root/p/experiments', { json: run });
  at = `/root/p/experiments/${body.id}`;
  path = body.outputs_path;
});
afterAll(async () => {
  await gateway?.stop();
  await database?.close();
});

it('a range is given of the content that is meant, with what a client needs to go on and to verify', async () => {
  const part = await gateway.call('GET', `${at}/outputs/files?path=x`, { headers: { range: 'bytes=8-', 'if-range': '"v1"' } });
  expect([part.status, part.text, ...['etag', 'content-range', 'repr-digest'].map((name) => part.headers.get(name))]).toEqual([206, '89', '"v1"', 'bytes 8-9/10', 'sha-256=:AAAA:']);
  expect((await gateway.call('GET', `${at}/outputs/files?path=x`, { headers: { range: 'bytes=8-', 'if-range': '"v0"' } })).status).toBe(200);
  const beyond = await gateway.call('GET', `${at}/outputs/files?path=x`, { headers: { range: 'bytes=10-' } });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
});

it('files are listed, and their digests told', async () => {
  expect((await gateway.call('GET', `${at}/outputs/list?path=a/b`)).text).toBe('{"path":"a/b"}\n');
  expect((await gateway.call('GET', `${at}/outputs/digest?path=x`)).body).toEqual({ path: 'x', sha256: 'ab' });
  expect((await gateway.call('GET', `${at}/outputs/digest`)).status).toBe(400);
});

it('a link is for those who may read, for a bounded time, and kept nowhere', async () => {
  const given = await gateway.call('GET', `${at}/outputs/link?path=a.pt&expires=60`);
  expect(given.body).toEqual({ url: `http://store/${path}/a.pt?for=60`, expires_at: expect.any(String) });
  expect(given.headers.get('cache-control')).toBe('no-store');
  for (const query of ['path=a.pt&expires=86401', 'path=a.pt&expires=0', 'path=a.pt&expires=x', '']) expect((await gateway.call('GET', `${at}/outputs/link?${query}`)).status).toBe(400);
  expect((await gateway.call('GET', `${at}/outputs/link?path=a.pt`, { token: await gateway.user('stranger') })).status).toBe(404);
  const refused = await gateway.call('GET', `${at}/outputs/link?path=on-a-volume`);
  expect(refused.body).toMatchObject({ code: 'outputs-not-linkable', fix: expect.stringMatching(/outputs get on-a-volume$/) as string });
});
