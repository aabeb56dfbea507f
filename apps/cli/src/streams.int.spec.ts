// Are logs, events and the end of a run followed over dropped connections, and is the exit code the run's?
import type { ServerResponse } from 'node:http';
import { CommandLine } from '../test/command-line.ts';
import { experimentBody, RecordingGateway, type Answer } from '../test/recording-gateway.ts';

const gateway = new RecordingGateway();
let shell: CommandLine;
const X = '/mona/mnist/experiments/23';

beforeAll(async () => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.forget();
  shell = new CommandLine(gateway.port).initialise();
});
afterEach(() => shell.remove());

const state = (last_status: string) =>
  gateway.on(`GET ${X}`, experimentBody(23, { last_status, last_status_message: last_status === 'failed' ? 'exit code 2' : null }));

describe('logs -f', () => {
  const log = Array.from({ length: 400 }, (_, index) => `line ${index} é`);
  const bytesBefore = (line: number) => log.slice(0, line).reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);

  it.each([
    ['succeeded', 0],
    ['failed', 1],
    ['upstream_failed', 1],
    ['stopped', 1],
  ])('of a run that %s exits with %d', async (status, exitCode) => {
    state(status);
    gateway.stream = (socket) => {
      socket.send(JSON.stringify({ log_lines: ['one', 'two'], status: 'running', offset: 8 }));
      socket.send(JSON.stringify({ log_lines: null, status }));
      socket.close(1000);
    };
    const { code, stdout, stderr } = await shell.type('experiment -xp 23 logs -f');
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: 'one\ntwo\n' });
    expect(stderr).toContain('running ...');
    expect(stderr).toContain(status);
  });

  it('loses no line and doubles none when the stream drops at any place', async () => {
    let streams = 0;
    state('running');
    gateway.stream = (socket, offset) => {
      let line = log.findIndex((_, index) => bytesBefore(index) === offset);
      if (line < 0) line = log.length;
      const upTo = ++streams === 4 ? log.length : line + 100;
      for (; line < upTo; line += 10) socket.send(JSON.stringify({ log_lines: log.slice(line, line + 10), status: null, offset: bytesBefore(line + 10) }));
      if (streams === 2) socket.send(JSON.stringify({ log_lines: ['the logs can not be read at the moment'], status: null }));
      if (streams === 4) {
        state('succeeded');
        socket.close(1000);
      } else if (streams === 1) socket.close(1011);
      else socket.once('pong', () => socket.terminate()).ping();
    };
    const { code, stdout, stderr } = await shell.type('experiment -xp 23 logs -f');
    expect(code).toBe(0);
    expect(stderr).toContain('the logs can not be read at the moment');
    expect(stdout.split('\n').slice(0, -1)).toEqual(log);
    expect(gateway.requests.filter(({ path }) => path.endsWith('/stream')).map(({ query }) => Number(query.offset))).toEqual([
      0,
      bytesBefore(100),
      bytesBefore(200),
      bytesBefore(300),
    ]);
  });

  it('sends the login, hides times, and gives one object a line with -o json', async () => {
    state('succeeded');
    gateway.stream = (socket) => {
      socket.send(JSON.stringify({ log_lines: '2019-06-24 10:00:00 UTC a\n2019-06-24 10:00:01 UTC b', status: 'running', offset: 52 }));
      socket.close();
    };
    expect((await shell.type('experiment -xp 23 logs -f --hide_time')).stdout).toBe('a\nb\n');
    expect(gateway.requests.find(({ path }) => path.endsWith('/stream'))?.headers.authorization).toBe('Token sesame');
    const { stdout, stderr } = await shell.type('experiment -xp 23 logs -f -o json');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([expect.objectContaining({ status: 'running' })]);
    expect(stderr).toBe('');
  });

  it('is left by Ctrl-C, which says how to come back and stops nothing', async () => {
    state('running');
    gateway.stream = (socket) => socket.send(JSON.stringify({ log_lines: ['one'], status: 'running', offset: 4 }));
    const { code, stdout, stderr } = await shell.type('experiment -xp 23 logs -f', {
      meanwhile: (child, seen) => seen().stdout === 'one\n' && child.kill('SIGINT'),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: 'one\n' });
    expect(stderr).toContain('experiment 23 goes on');
    expect(stderr).toContain('next: polyaxon experiment -xp 23 logs -f');
    expect(gateway.said.every((one) => one.startsWith('GET'))).toBe(true);
  });

  it('is what -l does after a resume', async () => {
    gateway
      .on(`POST ${X}/resume`, experimentBody(31), 201)
      .on('GET /mona/mnist/experiments/31', experimentBody(31, { last_status: 'failed', last_status_message: 'exit code 2' }));
    gateway.stream = (socket) => {
      socket.send(JSON.stringify({ log_lines: ['epoch 5'], offset: 8 }));
      socket.close(1000);
    };
    const { code, stdout, stderr } = await shell.type('experiment -xp 23 -l resume');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'Experiment was resumed with id 31\nepoch 5\n' });
    expect(stderr).toContain('experiment 31 failed: exit code 2');
  });
});

describe('logs', () => {
  const text = 'one\ntwo\nthrée\n';
  const page: Answer = ({ query }, response) => {
    const bytes = Buffer.from(text).subarray(Number(query.offset), Number(query.offset) + Number(query.limit ?? 6));
    response.writeHead(200, { 'content-type': 'text/plain', 'x-polyaxon-next-offset': String(Number(query.offset) + bytes.length) }).end(bytes);
  };

  it.each([
    ['', text],
    ['-p', text],
    ['--hide-time', text],
  ])('prints what is there: %s', async (options, printed) => {
    gateway.on(`GET ${X}/logs`, page);
    expect(await shell.type(`experiment -xp 23 logs ${options}`)).toMatchObject({ code: 0, stdout: printed });
  });

  it.each([
    ['2', 'two\nthrée\n'],
    ['0', ''],
  ])('asks for the last %s lines', async (tail, printed) => {
    gateway.on(`GET ${X}/logs`, ((request, response) => page({ ...request, query: { offset: '4', limit: '100' } }, response)) satisfies Answer);
    expect(await shell.type(`experiment -xp 23 logs --tail ${tail}`)).toMatchObject({ code: 0, stdout: printed });
    expect(gateway.requests[0]?.query).toEqual({ tail });
  });

  it('are searched, all of them, page by page', async () => {
    gateway.on(`GET ${X}/logs/search`, ((request, response) => {
      const isFirst = request.query.offset === '0';
      const results = isFirst ? [{ line: 7, text: 'a loss' }] : [{ line: 900, text: 'the loss' }];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ count: 2, next: isFirst ? 'http://x/?offset=1' : null, previous: null, results, lines: 1000, is_complete: true }));
    }) satisfies Answer);
    const { code, stdout, stderr } = await shell.type('experiment -xp 23 logs --search loss --regex');
    expect({ code, stdout, asked: gateway.requests.map(({ query }) => query) }).toEqual({
      code: 0, stdout: '7: a loss\n900: the loss\n',
      asked: [{ q: 'loss', regex: 'true', limit: '1000', offset: '0' }, { q: 'loss', regex: 'true', limit: '1000', offset: '1' }],
    });
    expect(stderr).toContain('2 of 1000 lines');
    expect((await shell.type('experiment -xp 23 logs --regex')).code).toBe(2);
  });

  it('goes on where a page broke off', async () => {
    let asked = 0;
    gateway.on(`GET ${X}/logs`, ((request, response) => {
      if (asked++ > 0) return page(request, response);
      response.writeHead(200, { 'content-length': '100' });
      return response.write('one\ntwo', () => response.destroy());
    }) satisfies Answer);
    expect(await shell.type('experiment -xp 23 logs')).toMatchObject({ code: 0, stdout: text });
  });

  it('with --tail -f follows from where it read', async () => {
    gateway.on(`GET ${X}/logs`, ((request, response) => page({ ...request, query: { offset: '8', limit: '100' } }, response)) satisfies Answer);
    state('succeeded');
    gateway.stream = (socket, offset) => {
      socket.send(JSON.stringify({ log_lines: [`from ${offset}`], offset: offset + 9 }));
      socket.close(1000);
    };
    expect((await shell.type('experiment -xp 23 logs --tail 1 -f')).stdout).toBe(`thrée\nfrom ${Buffer.byteLength(text)}\n`);
  });

  it('joins a chain with --attempt all', async () => {
    gateway.on(`GET ${X}/logs`, page);
    await shell.type('experiment -xp 23 logs --attempt all');
    expect(gateway.requests[0]?.query.attempt).toBe('all');
  });
});

describe('wait', () => {
  it('ends when the run does, over an absence of the gateway', async () => {
    let asked = 0;
    gateway.on(`GET ${X}`, ((_request, response) => {
      if (++asked > 1 && asked < 7) return response.destroy();
      return response.end(JSON.stringify(experimentBody(23, { last_status: asked === 1 ? 'running' : 'succeeded' })));
    }) satisfies Answer);
    expect(await shell.type('experiment -xp 23 wait')).toMatchObject({ code: 0, stdout: 'succeeded\n' });
  });
  it('exits with 7 after its timeout, saying for what it waited', async () => {
    state('running');
    const { code, stderr } = await shell.type('experiment -xp 23 wait --timeout 0.2');
    expect(code).toBe(7);
    expect(stderr).toContain('experiment 23 was not done after 0.2 s: it is running');
  });
  it('a stop is no success', async () => {
    state('stopped');
    const { code, stderr } = await shell.type('experiment -xp 23 wait');
    expect(code).toBe(1);
    expect(stderr).toContain('experiment 23 was stopped');
    expect(stderr).toContain('next: polyaxon experiment -xp 23 resume');
  });
});

describe('events', () => {
  const event = (id: number, type: string) =>
    `id: 1-${id}\nevent: ${type}\ndata: ${JSON.stringify({ id: `1-${id}`, time: '2026-01-01', stream: 'experiment-23', type, actor: 'mona', data: {} })}\n\n`;

  it('are shown once each, also over a dropped connection', async () => {
    const seen: (string | undefined)[] = [];
    gateway.on(`GET ${X}/events`, (({ headers }, response: ServerResponse) => {
      seen.push(headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (seen.length === 1) return response.write(event(1, 'ExperimentCreated') + event(2, 'RunStarted').slice(0, 9), () => response.destroy());
      return response.write(event(2, 'RunStarted') + event(3, 'ExperimentDone'));
    }) satisfies Answer);
    const { code, stdout } = await shell.type('experiment -xp 23 events');
    expect(code).toBe(0);
    expect(stdout.match(/ExperimentCreated|RunStarted|ExperimentDone/g)).toEqual(['ExperimentCreated', 'RunStarted', 'ExperimentDone']);
    expect(seen).toEqual([undefined, '1-1']);
  });
});
