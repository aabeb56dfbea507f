// Does what a run prints, writes and goes through reach whoever watches, to the last byte, and does the watching end?
import { once } from 'node:events';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ServerResponse } from 'node:http';
import { WebSocket } from 'ws';
import type { ExperimentBody, LogSearchBody, OutputsSummary } from '#contracts';
import { openTestStore, until, type TestStore } from '#testing';
import { adminToken, startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';
import type { LogMessage } from './log-stream.ts';

const grownAt = '2026-01-01T10:00:00.000Z';

/** A console as the log-collector has it: text that grows until it is sealed. */
class ConsoleDouble {
  readonly followers = new Set<ServerResponse>();
  bytes = Buffer.alloc(0);
  sealed = false;
  attempts = '1:0';

  print(text: string | Buffer): void {
    const more = Buffer.from(text as string);
    this.bytes = Buffer.concat([this.bytes, more]);
    for (const follower of this.followers) follower.write(more);
  }

  seal(): void {
    this.sealed = true;
    for (const follower of this.followers) follower.end();
  }

  /** Cuts everybody off, as a restart does. */
  breakOff(): void {
    for (const follower of this.followers) follower.destroy();
    this.followers.clear();
  }

  answer(query: URLSearchParams, response: ServerResponse): void {
    const rest = this.bytes.subarray(Number(query.get('offset') ?? 0));
    const known = { 'x-polyaxon-next-offset': String(this.bytes.length), 'x-polyaxon-complete': String(this.sealed), 'x-polyaxon-attempts': this.attempts, 'x-polyaxon-grown-at': grownAt };
    response.writeHead(200, { 'content-type': 'text/plain', ...known });
    if (query.get('follow') === null || this.sealed) return void response.end(rest);
    response.flushHeaders();
    if (rest.length > 0) response.write(rest);
    this.followers.add(response);
    response.on('close', () => this.followers.delete(response));
  }
}

let database: TestStore;
let gateway: GatewayUnderTest;
const consoles = new Map<string, ConsoleDouble>();

beforeAll(async () => {
  database = await openTestStore();
  const logCollector = new Proxy({}, {
    get: (_, path: string) => {
      const found = consoles.get(path);
      return found && ((query: URLSearchParams, response: ServerResponse) => found.answer(query, response));
    },
  });
  const storageManager = {
    '/internal/outputs/summary': (_: URLSearchParams, response: ServerResponse) =>
      response.end(JSON.stringify({ exists: true, files: 1, sizeBytes: 1, checkpoints: [], choice: { offered: null, setAside: [], problem: null, alternatives: [] } } satisfies OutputsSummary)),
    '/internal/outputs/tree': (query: URLSearchParams, response: ServerResponse) => response.end(JSON.stringify({ files: [[`${query.get('path')}:${query.get('folder')}`, 1]], dirs: [] })),
    '/internal/outputs/file': (query: URLSearchParams, response: ServerResponse) => {
      if (query.get('file') === 'broken') {
        response.writeHead(200, { 'content-length': '1000000' });
        response.write('x'.repeat(100_000), () => setImmediate(() => response.destroy()));
      } else response.writeHead(206, { 'content-length': '4', 'content-range': 'bytes 0-3/10', 'content-type': 'text/html' }).end('part');
    },
    '/internal/outputs/archive': (_: URLSearchParams, response: ServerResponse) => response.writeHead(200, { 'x-polyaxon-content-length': '9' }).end(gzipSync('all of it')),
  };
  gateway = await startGatewayUnderTest({ databaseUrl: database.url, logCollector, storageManager });
  await gateway.call('POST', '/projects', { json: { name: 'p', is_public: false } });
});
afterAll(async () => {
  await gateway?.stop();
  await database?.close();
});

async function experiment(more: object = {}): Promise<{ id: number; console: ConsoleDouble }> {
  const { body } = await gateway.call<ExperimentBody>('POST', '/root/p/experiments', { json: { content: 'version: 1\nkind: experiment\nrun: {cmd: "true"}', ...more } });
  const printed = new ConsoleDouble();
  consoles.set(`/internal/logs/${body.id}`, printed);
  return { id: body.id, console: printed };
}

interface Watched {
  readonly messages: LogMessage[];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
  lines(): string[];
}

function watch(id: number | string, { token = adminToken, offset }: { token?: string; offset?: number } = {}): Watched {
  const address = `${gateway.url.replace('http', 'ws')}/root/p/experiments/${id}/logs/stream/${offset === undefined ? '' : `?offset=${offset}`}`;
  const socket = new WebSocket(address, { headers: { authorization: `Token ${token}`, origin: 'http://elsewhere:1' }, perMessageDeflate: false });
  const messages: LogMessage[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as LogMessage));
  const closed = once(socket, 'close').then(([code]) => code as number);
  return { messages, closed, socket, lines: () => messages.flatMap(({ log_lines }) => log_lines ?? []) };
}

async function end(id: number, wasStarted = true): Promise<void> {
  const at = '2026-01-01T00:00:00.000Z';
  const of = { experimentId: id, attempt: 1 };
  await database.store.append(`run-${id}`, -1, [{ type: 'RunSucceeded', data: { ...of, wasStarted, exitCode: 0, message: null, endedAt: at } }], { actor: 'scheduler' });
  if (wasStarted) await database.store.append(`logs-${id}`, -1, [{ type: 'LogsArchived', data: { ...of, sizeBytes: 0, lines: 0, lostBytes: 0, archivedAt: at } }], { actor: 'log-collector' });
}

describe('the lines of a log', () => {
  it('are found by their number, of what a run printed and of what somebody reported', async () => {
    const { id, console: printed } = await experiment();
    const lines = (of: number, offset = 0) => gateway.call('GET', `/root/p/experiments/${of}/logs/lines?offset=${offset}`);
    expect((await gateway.call('GET', `/root/p/experiments/${id}/logs/lines`)).body).toMatchObject({ lines: 0, is_complete: false });
    printed.print('12345\n'.repeat(1500));
    printed.attempts = '1:0,2:7200';
    const parts = [{ experiment_id: id, attempt: 1, line: 0 }, { experiment_id: id, attempt: 2, line: 1200 }];
    expect((await lines(id)).body).toEqual({ lines_apart: 1000, starts: [0, 6000], lines: 1500, end_offset: 9000, is_complete: false, parts, grown_at: grownAt });
    expect((await lines(id, 6000)).body).toMatchObject({ starts: [6000], lines: 500 });
    const { id: tracked } = (await experiment({ is_managed: false })) as { id: number };
    await gateway.call('POST', `/root/p/experiments/${tracked}/logs`, { json: ['a', 'b'] });
    expect((await lines(tracked)).body).toMatchObject({ lines: 2 });
  });
});

describe('a search in a log', () => {
  const search = (id: number, query: string) => gateway.call<LogSearchBody>('GET', `/root/p/experiments/${id}/logs/search?${query}`);

  it('finds every line of all that was printed, page by page, with how many there are', async () => {
    const { id, console: printed } = await experiment();
    printed.print(Array.from({ length: 50_000 }, (_, line) => `line ${line + 1}${line % 10 === 9 ? ' \u001b[31mError\u001b[0m: lost' : ''}\n`).join(''));
    const first = (await search(id, 'q=error:%20lost&limit=2')).body;
    expect(first).toMatchObject({ count: 5000, lines: 50_000, is_complete: false, previous: null, results: [{ line: 10, text: 'line 10 Error: lost' }, { line: 20 }] });
    const { search: next } = new URL(first.next ?? '');
    expect((await search(id, next.slice(1))).body.results.map(({ line }) => line)).toEqual([30, 40]);
    expect((await search(id, 'q=%5Eline%20(7%7C8)0%20&regex=true')).body.results.map(({ line }) => line)).toEqual([70, 80]);
    expect((await search(id, 'q=error&match_case=1')).body).toMatchObject({ count: 0, results: [], lines: 50_000 });
  });

  it('goes through all that a chain of resumes printed, whose lines are counted together', async () => {
    const { id, console: printed } = await experiment();
    printed.print('a\nlast\n');
    printed.seal();
    await end(id);
    const resumed = await until('it can be resumed', async () => {
      const { status, body } = await gateway.call<{ id: number }>('POST', `/root/p/experiments/${id}/resume`, { json: { force: true } });
      return status === 201 ? body.id : null;
    });
    const second = new ConsoleDouble();
    consoles.set(`/internal/logs/${resumed}`, second);
    second.print('b\nlast\n');
    expect((await search(resumed, 'q=last&attempt=all')).body.results.map(({ line }) => line)).toEqual([2, 4]);
    expect((await search(resumed, 'q=last')).body.results.map(({ line }) => line)).toEqual([2]);
    const { body } = await gateway.call('GET', `/root/p/experiments/${resumed}/logs/lines?attempt=all`);
    expect(body.parts).toEqual([{ experiment_id: id, attempt: 1, line: 0 }, { experiment_id: resumed, attempt: 1, line: 2 }]);
  });

  it('that can not be read, or would never end, is refused, and holds up nobody', async () => {
    const { id, console: printed } = await experiment();
    printed.print(`${'a'.repeat(100)}!\n`);
    expect(await search(id, 'q=(&regex=1')).toMatchObject({ status: 400, body: { code: 'request-invalid', detail: expect.stringContaining('no regular expression') } });
    expect((await search(id, 'q=')).status).toBe(400);
    const endless = search(id, `q=${encodeURIComponent('^(a+)+$')}&regex=1`);
    expect((await search(id, 'q=aaa')).body.count).toBe(1);
    expect(await endless).toMatchObject({ status: 400, body: { detail: expect.stringContaining('takes too long') } });
  });
});

describe('a stream of logs', () => {
  it('tells the lines, then the last status, and is closed when all is told', async () => {
    const { id, console: printed } = await experiment();
    printed.print('before\n');
    const { closed, lines, messages } = watch(id);
    await until('the first line is there', () => lines().length === 1);
    printed.print('while\npart');
    printed.print('ly \u00e4\n');
    await until('the lines are there', () => lines().length === 3);
    expect(messages[0]).toEqual({ log_lines: null, status: 'created' });
    printed.print('no newline');
    printed.seal();
    await end(id);
    expect(await closed).toBe(1000);
    expect(lines()).toEqual(['before', 'while', 'partly \u00e4', 'no newline']);
    expect(messages.at(-1)).toEqual({ log_lines: null, status: 'succeeded' });
    expect(messages.every(({ log_lines }) => log_lines === null || log_lines.length > 0)).toBe(true);
  });

  it('goes on from an offset, and from where the log-collector broke off', async () => {
    const { id, console: printed } = await experiment();
    const text = Array.from({ length: 500 }, (_, number) => `line ${number} \u00e9\u{1f600}\n`).join('');
    const bytes = Buffer.from(text);
    const { closed, lines, messages } = watch(id);
    const cut = 3001; // in the middle of a character or line
    printed.print(bytes.subarray(0, cut));
    await until('the first are there', () => lines().length > 10);
    printed.breakOff();
    printed.print(bytes.subarray(cut));
    await until('all are there', () => lines().length === 500);
    expect(lines()).toEqual(text.trimEnd().split('\n'));
    const { offset } = messages.find((message) => message.offset !== undefined) ?? {};
    printed.seal();
    await end(id);
    await closed;
    const again = watch(id, { offset: offset ?? 0 });
    await again.closed;
    expect(Buffer.from(`${again.lines().join('\n')}\n`).equals(bytes.subarray(offset))).toBe(true);
  });

  it('of a run that never started ends with its status', async () => {
    const { id } = await experiment();
    const { closed, messages } = watch(id);
    await until('it watches', () => messages.length > 0);
    await end(id, false);
    expect(await closed).toBe(1000);
    expect(messages.at(-1)).toEqual({ log_lines: null, status: 'succeeded' });
  });

  it('cuts a line without an end, between its characters', async () => {
    const { id, console: printed } = await experiment();
    printed.print('\u20ac'.repeat(400_000));
    printed.seal();
    await end(id);
    const { closed, lines, messages } = watch(id);
    await closed;
    expect(lines().join('') === '\u20ac'.repeat(400_000)).toBe(true);
    expect(Math.max(...messages.map(({ log_lines }) => log_lines?.[0]?.length ?? 0))).toBeLessThan(200_000);
  });

  it('never refuses the handshake: the reason is a line', async () => {
    const { id } = await experiment();
    const stranger = await gateway.user('stranger');
    for (const [token, which, reason] of [['nonsense', id, /token/], [stranger, id, /no project root\/p/], [adminToken, 999_999, /no experiment/]] as const) {
      const { closed, messages } = watch(which, { token });
      expect(await closed).toBe(1008);
      expect(messages).toEqual([{ status: null, log_lines: [expect.stringMatching(reason)] }]);
    }
  });

  it('answers pings', async () => {
    const { id } = await experiment();
    const { socket } = watch(id);
    await once(socket, 'open');
    socket.ping();
    await once(socket, 'pong');
    socket.terminate();
  });

  it('of what is only tracked is what it sent', async () => {
    const { id } = await experiment({ content: null, is_managed: false });
    const at = `/root/p/experiments/${id}`;
    const { closed, lines } = watch(id);
    expect((await gateway.call('POST', `${at}/logs/`, { json: 'one\ntwo' })).status).toBe(201);
    await gateway.call('POST', `${at}/logs/`, { json: ['three', 'four'] });
    await until('they are there', () => lines().length === 4);
    expect((await gateway.call('POST', `${at}/logs/`, { json: { a: 1 } })).status).toBe(400);
    const { text, headers } = await gateway.call('GET', `${at}/logs/`);
    expect(text).toBe('one\ntwo\nthree\nfour\n');
    expect(headers.get('x-polyaxon-next-offset')).toBe(String(text.length));
    await gateway.call('POST', `${at}/statuses`, { json: { status: 'succeeded' } });
    expect(await closed).toBe(1000);
    expect(lines()).toEqual(['one', 'two', 'three', 'four']);
  });
});

describe('past logs', () => {
  it('are text, with the offset to go on from', async () => {
    const { id, console: printed } = await experiment();
    printed.print('a\n\u001b[31mb\u001b[0m\n');
    const { text, headers } = await gateway.call('GET', `/root/p/experiments/${id}/logs?offset=2`);
    expect(text).toBe('\u001b[31mb\u001b[0m\n');
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(headers.get('x-polyaxon-next-offset')).toBe('13');
  });

  it('are empty when there is nothing yet', async () => {
    const { id } = await experiment();
    consoles.delete(`/internal/logs/${id}`);
    expect(await gateway.call('GET', `/root/p/experiments/${id}/logs`)).toMatchObject({ status: 200, text: '' });
  });
});

describe('outputs', () => {
  it('are those of the storage-manager', async () => {
    const { id } = await experiment();
    const at = `/root/p/experiments/${id}`;
    expect((await gateway.call('GET', `${at}/outputs/tree/?path=a/b`)).body).toEqual({ files: [[`root/p/experiments/${id}:a/b`, 1]], dirs: [] });
    const part = await gateway.call('GET', `${at}/outputs/files?path=x`, { headers: { range: 'bytes=0-3' } });
    expect({ status: part.status, text: part.text, range: part.headers.get('content-range'), type: part.headers.get('content-type') }).toEqual({
      status: 206, text: 'part', range: 'bytes 0-3/10', type: 'application/octet-stream',
    });
    const whole = await fetch(`${gateway.url}${at}/outputs/download`, { headers: { authorization: `Token ${adminToken}` } });
    expect(gunzipSync(Buffer.from(await whole.arrayBuffer())).toString()).toBe('all of it');
    expect(whole.headers.get('x-polyaxon-content-length')).toBe('9');
    expect((await gateway.call('GET', `${at}/copy_progress`)).body).toMatchObject({ status: 404, code: 'path-not-found' });
    expect((await gateway.call('GET', `${at}/outputs/files`)).status).toBe(400);
  });

  it('that break off do not look whole', async () => {
    const { id } = await experiment();
    await expect(gateway.call('GET', `/root/p/experiments/${id}/outputs/files?path=broken`)).rejects.toThrow();
  });
});

describe('events', () => {
  it('come as they happen, and again from the last one that was seen', async () => {
    const { id } = await experiment();
    const at = `/root/p/experiments/${id}`;
    const first = await listen(`${at}/events`);
    await until('the creation is there', () => first.text().includes('event: ExperimentCreated'));
    await gateway.call('POST', `${at}/stop`);
    await until('the stop is there', () => first.text().includes('event: ExperimentStopRequested'));
    const [lastSeen = ''] = /id: \S+/.exec(first.text()) ?? [];
    first.stop();
    const second = await listen(`${at}/events`, lastSeen.slice(4));
    await until('the stop is there again', () => second.text().includes('event: ExperimentStopRequested'));
    expect(second.text()).not.toContain('ExperimentCreated');
    second.stop();
  });
});

describe('events of the whole platform', () => {
  it('begin now, are those that were asked for, and go on where they broke off', async () => {
    const before = await experiment();
    const all = await listen('/events?from=beginning');
    await until('what was before is settled', () => all.text().includes(`"experimentId":${before.id},`)); // other databases of the server hold the horizon back, too
    all.stop();
    const first = await listen('/events?type=ExperimentCreated,ExperimentStopRequested');
    await until('its place is told', () => first.text().includes('id: '));
    const { id } = await experiment();
    await until('the creation is there', () => first.text().includes(`"experimentId":${id},`));
    expect(first.text()).not.toContain(`"experimentId":${before.id},`);
    const [lastSeen = ''] = /id: (\S+)\nevent: /.exec(first.text())?.slice(1) ?? [];
    first.stop();
    await gateway.call('POST', `/root/p/experiments/${id}/stop`);
    const second = await listen('/events?type=ExperimentCreated,ExperimentStopRequested', lastSeen);
    await until('the stop is there', () => second.text().includes('event: ExperimentStopRequested'));
    expect(second.text()).not.toContain('event: ExperimentCreated');
    second.stop();
  });

  it('of others are seen in public projects only', async () => {
    await gateway.call('POST', '/users', { json: { username: 'mona', password: 'a-long-password', email: null } });
    const { body } = await gateway.call<{ token: string }>('POST', '/users/token', { json: { username: 'mona', password: 'a-long-password' } });
    await gateway.call('POST', '/projects', { json: { name: 'open', is_public: true } });
    const hers = await listen('/events?from=beginning&type=ProjectCreated,ExperimentCreated', undefined, body.token);
    await until('the public project is there', () => hers.text().includes('"open"'));
    expect(hers.text()).not.toContain('"p"');
    expect(hers.text()).not.toContain('ExperimentCreated');
    hers.stop();
  });

  it('with a mistyped name are refused, with the right one', async () => {
    expect(await gateway.call('GET', '/events?type=OutputCopied')).toMatchObject({ status: 400, body: { detail: expect.stringContaining('OutputsCopied') } });
  });
});

async function listen(at: string, lastEventId?: string, token = adminToken): Promise<{ text(): string; stop(): void }> {
  const stop = new AbortController();
  const headers = { authorization: `Token ${token}`, ...(lastEventId && { 'last-event-id': lastEventId }) };
  const response = await fetch(`${gateway.url}${at}`, { headers, signal: stop.signal });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  void (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
  })().catch(() => undefined);
  return { text: () => text, stop: () => stop.abort() };
}
