// What does a browser get under /app, and what must it not get?
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { readPage } from './built-page.ts';
import { servePage } from './serve-page.ts';

let folder: string;
let server: FastifyInstance;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyaxon-page-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'assets/main-abc.js'), 'go()');
  await writeFile(join(folder, 'assets/main-abc.js.gz'), gzipSync('go()'));
  await writeFile(join(folder, 'assets/notes.txt'), 'not the page’s');
  server = fastify();
  servePage(server, await readPage(folder));
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const get = (path: string, headers = {}) => fetch(`${url}${path}`, { headers: { 'accept-encoding': 'identity', ...headers }, redirect: 'manual' });
const saidIn = ({ status, headers }: Response, ...names: string[]) => [status, ...names.map((name) => headers.get(name))];

it.each(['/app', '/app/token', '/app/root/mnist', '/app/root/mnist/experiments/23/logs'])('%s is the page, with nothing inline and nothing from elsewhere', async (path) => {
  const answer = await get(path);
  expect([...saidIn(answer, 'cache-control'), await answer.text()]).toEqual([200, 'no-cache', '<!doctype html>']);
  const policy = answer.headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

it('its files are kept for ever, and smaller for who understands that', async () => {
  const plain = await get('/app/assets/main-abc.js');
  expect(saidIn(plain, 'cache-control', 'content-type', 'content-encoding')).toEqual([200, 'public, max-age=31536000, immutable', 'text/javascript; charset=utf-8', null]);
  const small = await get('/app/assets/main-abc.js', { 'accept-encoding': 'gzip, deflate, br' });
  expect([...saidIn(small, 'content-encoding'), await small.text()]).toEqual([200, 'gzip', 'go()']);
  expect((await get('/app/assets/main-abc.js', { 'accept-encoding': 'gzip;q=0' })).headers.get('content-encoding')).toBeNull();
});

it.each(['/app/assets/other.js', '/app/assets/notes.txt', '/app/assets/..%2findex.html', '/app/assets/%2e%2e%2f%2e%2e%2fpackage.json'])('%s is not there', async (path) => {
  const answer = await get(path);
  expect(answer.ok).toBe(false);
  expect(await answer.text()).not.toContain('doctype');
});

it('/ leads there', async () => expect(saidIn(await get('/'), 'location')).toEqual([302, '/app']));

it('a page that was not built says so', async () => {
  const bare = fastify();
  servePage(bare, await readPage(join(folder, 'nothing')));
  expect(await (await fetch(`${await bare.listen({ host: '127.0.0.1', port: 0 })}/app`)).text()).toContain('the page was not built');
  await bare.close();
});
