// Do users get files of outputs as the storage-manager gives them, ranges, digests and links alike?
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExperimentBody, RetentionBody } from '#contracts';
import { openTestStore, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

const run = { content: 'version: 1\nkind: experiment\nrun: {cmd: "true"}' };
let database: TestStore;
let gateway: GatewayUnderTest;
let at: string;
let stranger: string;
let path: string;

const json = (response: ServerResponse, status: number, body: unknown) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const storageManager = {
  '/internal/outputs/file': (_: URLSearchParams, response: ServerResponse, { headers }: IncomingMessage) => {
    if (headers.range === 'bytes=10-') return response.writeHead(416, { 'content-range': 'bytes */10' }).end();
    const told = { etag: '"v1"', 'repr-digest': 'sha-256=:AAAA:' };
    if (headers['if-range'] === '"v1"') response.writeHead(206, { ...told, 'content-range': 'bytes 8-9/10', 'content-length': 2 }).end('89');
    else response.writeHead(200, { ...told, 'content-length': 10 }).end('0123456789');
  },
  '/internal/outputs/list': (query: URLSearchParams, response: ServerResponse) => response.end(`${JSON.stringify({ path: query.get('folder'), size_bytes: 5 })}\n`),
  '/internal/outputs/digest': (query: URLSearchParams, response: ServerResponse) => response.end(`  ${JSON.stringify({ path: query.get('file'), sha256: 'ab' })}`),
  '/internal/outputs/link': (query: URLSearchParams, response: ServerResponse) =>
    query.get('file') === 'on-a-volume'
      ? json(response, 409, { code: 'outputs-not-linkable', detail: 'kept in folders' })
      : json(response, 200, { url: `http://store/${query.get('path')}/${query.get('file')}?for=${query.get('seconds')}` }),
};

beforeAll(async () => {
  database = await openTestStore();
  gateway = await startGatewayUnderTest({ databaseUrl: database.url, storageManager });
  stranger = await gateway.user('stranger');
  for (const name of ['p', 'q']) await gateway.call('POST', '/projects', { json: { name, is_public: name === 'q' } });
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
  expect((await gateway.call('GET', `${at}/outputs/list?path=a/b`)).text).toBe('{"path":"a/b","size_bytes":5}\n');
  expect((await gateway.call('GET', `${at}/outputs/digest?path=x`)).body).toEqual({ path: 'x', sha256: 'ab' });
  expect((await gateway.call('GET', `${at}/outputs/digest`)).status).toBe(400);
});

it('a link is for those who may read, for a bounded time, and kept nowhere', async () => {
  const given = await gateway.call('GET', `${at}/outputs/link?path=a.pt&expires=60`);
  expect(given.body).toEqual({ url: `http://store/${path}/a.pt?for=60`, expires_at: expect.any(String) });
  expect(given.headers.get('cache-control')).toBe('no-store');
  for (const query of ['path=a.pt&expires=86401', 'path=a.pt&expires=0', 'path=a.pt&expires=x', '']) expect((await gateway.call('GET', `${at}/outputs/link?${query}`)).status).toBe(400);
  expect((await gateway.call('GET', `${at}/outputs/link?path=a.pt`, { token: stranger })).status).toBe(404);
  const refused = await gateway.call('GET', `${at}/outputs/link?path=on-a-volume`);
  expect(refused.body).toMatchObject({ code: 'outputs-not-linkable', fix: expect.stringMatching(/outputs get on-a-volume$/) as string });
});

describe('retention and pins', () => {
  const q = '/root/q/experiments';
  const of = (id: number) => gateway.call<ExperimentBody>('GET', `${q}/${id}`).then(({ body }) => body);
  async function tracked(loss: number): Promise<number> {
    const { id } = (await gateway.call<ExperimentBody>('POST', q, { json: { is_managed: false } })).body;
    await gateway.call('POST', `${q}/${id}/metrics`, { json: { values: { loss } } });
    await gateway.call('POST', `${q}/${id}/statuses`, { json: { status: 'succeeded' } });
    return id;
  }
  const ask = (what: string, json: object, token?: string) => gateway.call<RetentionBody>('POST', `/root/q/retention${what}`, { json, ...(token && { token }) });

  it('frees what no rule, pin or need speaks for, once it was shown', async () => {
    const [a, b, c, d] = [await tracked(0.4), await tracked(0.1), await tracked(0.3), await tracked(0.2)] as [number, number, number, number];
    const reading = { content: `version: 1\nkind: experiment\nenvironment: {outputs: {experiments: [${c}]}}\nrun: {cmd: "true"}` };
    const { id: reader } = (await gateway.call<ExperimentBody>('POST', q, { json: reading })).body;
    const rules = { keep_last: 1, keep_best: 1, metric: 'loss', order: 'asc' };
    const { body: shown } = await ask('/preview', rules);
    expect(shown).toMatchObject({ applied: false, freed: [{ outputs_owner_id: a, experiments: [a], read_by: [], files: 1, size_bytes: 5 }], files: 1, size_bytes: 5 });
    expect(shown.kept).toEqual([
      { outputs_owner_id: b, experiments: [b], reasons: ['among the best 1 by loss'] },
      { outputs_owner_id: c, experiments: [c], reasons: [`experiment ${reader} reads them`] },
      { outputs_owner_id: d, experiments: [d], reasons: ['among the last 1'] },
      { outputs_owner_id: reader, experiments: [reader], reasons: [`experiment ${reader} is not done`] },
    ]);

    expect((await gateway.call<ExperimentBody>('POST', `${q}/${a}/pin`)).body.is_pinned).toBe(true);
    expect((await ask('', { ...rules, token: shown.token })).body).toMatchObject({ code: 'retention-outdated' });
    expect((await gateway.call('DELETE', `${q}/${a}/outputs`)).body).toMatchObject({ code: 'experiment-pinned', fix: `polyaxon experiment -xp ${a} unpin` });
    expect((await gateway.call('DELETE', `${q}/${a}`)).body).toMatchObject({ code: 'experiment-pinned' });
    expect((await gateway.call<ExperimentBody>('POST', `${q}/${a}/unpin`)).body.is_pinned).toBe(false);

    expect((await ask('', { ...rules, keep_last: 2, token: shown.token })).body).toMatchObject({ code: 'retention-outdated' });
    const done = await ask('', { ...rules, token: shown.token });
    expect([done.status, done.body.applied, done.body.freed.map(({ outputs_owner_id: id }) => id), done.body.refused]).toEqual([202, true, [a], []]);
    expect(await of(a)).toMatchObject({ outputs_state: 'deleting', last_metric: { loss: 0.4 }, last_status: 'succeeded' });
    for (const what of ['tree', 'list', 'files?path=x', 'digest?path=x', 'link?path=x', 'download'])
      expect((await gateway.call('GET', `${q}/${a}/outputs/${what}`)).body).toMatchObject({ status: 410, code: 'outputs-deleted', fix: `polyaxon experiment -xp ${a} restart` });
    expect((await ask('/preview', rules)).body.freed).toEqual([]);
  });

  it('outputs are deleted by hand, once, and not those that somebody reads', async () => {
    const id = await tracked(1);
    expect((await gateway.call<ExperimentBody>('DELETE', `${q}/${id}/outputs`)).body.outputs_state).toBe('deleting');
    expect((await gateway.call('DELETE', `${q}/${id}/outputs`)).status).toBe(202);
    const { body } = await gateway.call<{ type: string }[]>('GET', `${q}/${id}/history`);
    expect(body.filter(({ type }) => type === 'ExperimentOutputsDeleteRequested')).toHaveLength(1);
    const reading = { content: `version: 1\nkind: experiment\nenvironment: {outputs: {experiments: [${id}]}}\nrun: {cmd: "true"}` };
    expect((await gateway.call('POST', q, { json: reading })).body).toMatchObject({ code: 'reference-invalid', detail: expect.stringContaining('were deleted') as string });
  });

  it.each([
    {}, { keep_last: 0 }, { keep_last: 'x' }, { keep_best: 1 }, { keep_best: 1, metric: 'loss' }, { keep_last: 1, order: 'asc' }, { keep_best: 1, metric: 'loss', order: 'up' },
  ])('rules that say nothing clear are refused: %j', async (rules) => {
    expect((await ask('/preview', rules)).status).toBe(400);
  });

  it('is the business of the owner', async () => {
    for (const answer of [await ask('/preview', { keep_last: 1 }, stranger), await gateway.call('POST', `${q}/1/pin`, { token: stranger }), await gateway.call('DELETE', `${q}/1/outputs`, { token: stranger })])
      expect(answer.status).toBe(403);
  });
});
