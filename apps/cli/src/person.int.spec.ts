// What does a person at a terminal see and get asked? Bars, questions and passwords, on a real terminal.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { CommandLine, program, type Seen } from '../test/command-line.ts';
import { experimentBody, problem, RecordingGateway, type Answer } from '../test/recording-gateway.ts';

const gateway = new RecordingGateway();
let shell: CommandLine;
const X = '/mona/mnist/experiments';

beforeAll(async () => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.forget();
  shell = new CommandLine(gateway.port).initialise();
});
afterEach(() => shell.remove());

/** Types each answer when its question has appeared; stdout and stderr are one screen. */
function sit(words: string, typing: readonly (readonly [string, string])[] = []): Promise<Pick<Seen, 'code'> & { readonly screen: string }> {
  const child = spawn('python3', [resolve('apps/cli/test/typist.py'), JSON.stringify(typing), process.execPath, program, ...words.split(' ')], {
    cwd: shell.folder,
    env: { ...shell.environment, TERM: 'xterm' },
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text));
  return new Promise((seen) => child.on('close', (code) => seen({ code, screen })));
}

describe('a person', () => {
  it('types a password unseen', async () => {
    gateway.on('POST /users/token', { token: 'fresh' }).on('GET /users', { username: 'adam', email: null, is_superuser: false });
    const { code, screen } = await sit('login', [
      ['Username: ', 'adam\r'],
      ['Password: ', 's3cret\r'],
    ]);
    expect(code).toBe(0);
    expect(gateway.requests[0]?.body.toString()).toBe('username=adam&password=s3cret');
    expect(screen).not.toContain('s3cret');
  });

  it('may leave at a question', async () => {
    expect((await sit('login -u adam', [['Password: ', '\u0003']])).code).toBe(130);
    expect(gateway.requests).toEqual([]);
  });

  it('is asked before a stop, and a no is a no', async () => {
    gateway.on(`POST ${X}/23/stop`, {});
    expect((await sit('experiment -xp 23 stop', [['[y/N]', 'n\r']])).code).toBe(1);
    expect(gateway.requests).toEqual([]);
    expect((await sit('experiment -xp 23 stop', [['[y/N]', 'y\r']])).screen).toContain('Experiment is being stopped.');
    expect(gateway.said).toEqual([`POST ${X}/23/stop`]);
  });

  it('sees the upload and the copy with files, bytes and rate', async () => {
    let asked = 0;
    const none: Answer = (_request, response) => problem(response, 404, 'not-served', 'no copy is running');
    const copying: Answer = (request, response) => {
      if (asked++ === 0 || asked > 4) return none(request, response);
      return response.end(JSON.stringify({ files: 5, files_done: asked, bytes: 5 * 1024 ** 2, bytes_done: asked * 1024 ** 2, bytes_per_second: 1024 ** 2, seconds_left: 5 - asked }));
    };
    gateway.on('PUT /mona/mnist/repo/upload', { revision: 'f00d', files: 1, size_bytes: 5, unchanged: false }).on(`POST ${X}/23/copy`, experimentBody(31), 201);
    gateway
      .on(`GET ${X}/31/copy_progress`, copying)
      .on(`GET ${X}/31`, ((_request, response) =>
        response.end(JSON.stringify(experimentBody(31, { last_status: asked < 4 ? 'copying' : 'running' })))) satisfies Answer);
    shell.write('train.py', 'print(1)\n');
    const { code, screen } = await sit('experiment -xp 23 restart --copy -u');
    expect(code).toBe(0);
    expect(screen).toMatch(/uploading 1 file .*100%/);
    expect(screen).toMatch(/copying .*40% 2\.0 MiB\/5\.0 MiB, 2\/5 files [\d.]+ \w+\/s, about 3 s left/);
    expect(screen).toContain('copied 5 files, 5.0 MiB');
  });
});
