// Does every other command ask for the right thing, print what users know, and remember what it should?
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CommandLine } from '../test/command-line.ts';
import { experimentBody, problem, RecordingGateway, type Answer } from '../test/recording-gateway.ts';

const gateway = new RecordingGateway();
let shell: CommandLine;
const X = '/mona/mnist/experiments/23';
const project = {
  id: 1,
  name: 'mnist',
  user: 'mona',
  unique_name: 'mona.mnist',
  description: null,
  tags: [],
  is_public: true,
  has_code: true,
  num_experiments: 3,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
};
const page = (...results: unknown[]) => ({ count: results.length, next: null, previous: null, results });
const valid = 'version: 1\nkind: experiment\nparams: {lr: 0.1}\nrun:\n  cmd: python train.py --lr={{ lr }}\n';

beforeAll(async () => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.forget();
  gateway.on('GET /mona/mnist', project).on(`GET ${X}`, experimentBody(23));
  shell = new CommandLine(gateway.port).initialise();
});
afterEach(() => shell.remove());

describe('the login', () => {
  beforeEach(() => gateway.on('POST /users/token', { token: 'fresh' }).on('GET /users', { username: 'adam', email: 'a@b.co', is_superuser: false }));
  const saved = () => join(shell.home, '.polyaxon', '.polyaxonauth');

  it('takes a password from a pipe, and keeps the token where only the owner can read it', async () => {
    const { code, stdout } = await shell.type('login -u adam', { stdin: 'secret\n' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Login successful\n' });
    expect(gateway.requests[0]?.body.toString()).toBe('username=adam&password=secret');
    expect(gateway.requests[0]?.headers.authorization).toBeUndefined();
    expect(gateway.requests[1]?.headers.authorization).toBe('Token fresh');
    expect(JSON.parse(readFileSync(saved(), 'utf8'))).toEqual({ username: 'adam', token: 'fresh' });
    expect(statSync(saved()).mode & 0o777).toBe(0o600);
  });
  it('takes a token, and a folder of its own', async () => {
    expect((await shell.type('login -t given', { env: { POLYAXON_CONFIG_HOME: join(shell.home, 'other') } })).code).toBe(0);
    expect(readdirSync(join(shell.home, 'other'))).toEqual(['.polyaxonauth']);
  });
  it('asks nobody when nobody is there', async () => {
    expect((await shell.type('login')).code).toBe(2);
    expect((await shell.type('login -u adam')).stderr).toContain('nothing came from stdin');
    expect(gateway.requests).toEqual([]);
  });
  it('says when it is wrong', async () => {
    gateway.on('POST /users/token', ((_request, response) => problem(response, 401, 'not-authenticated', 'wrong name or password')) satisfies Answer);
    expect(await shell.type('login -u adam -p wrong')).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringContaining('wrong name or password') as string,
    });
  });
  it('is shown, and forgotten', async () => {
    expect((await shell.type('whoami')).stdout).toBe('Username: adam, Email: a@b.co\n');
    expect((await shell.type('logout')).stdout).toBe('You are logged out\n');
    expect(existsSync(saved())).toBe(false);
  });
  it('is made for others by an admin', async () => {
    gateway.on('POST /users', { username: 'eva', email: null, is_superuser: false }, 201);
    expect((await shell.type('user create eva --email e@b.co', { stdin: 'pw' })).stdout).toBe('User `eva` was created\n');
    expect(gateway.said).toEqual(['POST /users {"username":"eva","password":"pw","email":"e@b.co"}']);
  });
});

describe('the configuration', () => {
  it('is set, read and purged', async () => {
    const env = { POLYAXON_API_HOST: '', POLYAXON_HTTP_PORT: '' };
    expect((await shell.type('config set --host=example.org --port 9000 --use_https=true', { env })).stdout).toBe('Config was updated.\n');
    expect(JSON.parse((await shell.type('config list -o json', { env })).stdout)).toEqual({ host: 'example.org', port: 9000, use_https: true });
    expect((await shell.type('config get port -o name', { env })).stdout).toBe('9000\n');
    await shell.type('config purge', { env });
    expect((await shell.type('config get host port -o name', { env })).stdout).toBe('127.0.0.1\n8000\n');
  });
  it.each(['config set --port 99999', 'config set --host a/b', 'config set', 'config get nothing'])('refuses %s', async (words) =>
    expect((await shell.type(words)).code).toBe(2),
  );
  it('tells versions, and its own also when nobody answers', async () => {
    gateway.on('GET /versions/platform', { latest_version: '9.9.9', min_version: '0.1.0' });
    expect(JSON.parse((await shell.type('version -o json')).stdout)).toEqual({ cli: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string, platform: '9.9.9' });
    expect(await shell.type('version', { env: { POLYAXON_HTTP_PORT: '1' } })).toMatchObject({ code: 0, stdout: expect.stringContaining('cli') as string });
  });
});

describe('projects', () => {
  it('are made, listed, shown, changed and deleted', async () => {
    gateway.on('POST /projects', project, 201).on('GET /mona', page(project)).on('PATCH /mona/mnist', project).on('DELETE /mona/mnist', {}, 204);
    expect((await shell.type(['project', 'create', '--name', 'mnist', '--description', 'digits of hands', '--tags', 'a, b', '--private'])).stdout).toBe(
      'Project `mnist` was created successfully.\n',
    );
    expect((await shell.type('project list')).stdout).toContain('mona/mnist');
    expect((await shell.type('project get -p mnist')).stdout).toContain('num_experiments');
    expect((await shell.type('project -p mona.mnist update --private true')).code).toBe(0);
    expect((await shell.type('project delete')).code).toBe(2);
    expect((await shell.type('project delete -y')).stdout).toBe('Project `mona/mnist` was delete successfully\n');
    expect(gateway.said).toEqual([
      'POST /projects {"name":"mnist","description":"digits of hands","tags":["a","b"],"is_public":false}',
      'GET /mona',
      'GET /mona/mnist',
      'PATCH /mona/mnist {"is_public":false}',
      'DELETE /mona/mnist',
    ]);
  });
  it('list their experiments, in pages', async () => {
    gateway.on('GET /mona/mnist/experiments', { ...page(experimentBody(23)), count: 50, next: 'more' });
    const { stdout, stderr } = await shell.type(['project', 'experiments', '-m', '-p', '-i', '-q', 'status: running', '-s=-created_at', '--page', '2']);
    expect(stdout.split('\n')[0]?.split(/ {2,}/)).toEqual(['ID', 'STATUS', 'NAME', 'CLONED FROM', 'lr', 'optimizer', 'loss', 'CREATED', 'TOOK']);
    expect(stdout).toMatch(/0\.5 +sgd +0\.25/);
    expect(stderr).toContain('--page 3 has more');
    expect(gateway.requests[0]?.query).toEqual({
      metrics: 'True',
      params: 'True',
      independent: 'True',
      query: 'status: running',
      sort: '-created_at',
      offset: '20',
    });
  });
  it('are initialised in a folder, which keeps what is in its .polyaxonignore', async () => {
    const fresh = new CommandLine(gateway.port);
    expect((await fresh.type('init mnist')).stdout).toBe('Project was initialized\n');
    expect(JSON.parse(readFileSync(join(fresh.folder, '.polyaxon/.polyaxonproject'), 'utf8'))).toMatchObject({ name: 'mnist', user: 'mona' });
    expect(readFileSync(join(fresh.folder, '.polyaxonignore'), 'utf8')).toContain('.git\n');
    fresh.write('.polyaxonignore', 'mine\n');
    await fresh.type('init mnist');
    expect(readFileSync(join(fresh.folder, '.polyaxonignore'), 'utf8')).toBe('mine\n');
    fresh.remove();
  });
});

describe('run', () => {
  beforeEach(() => {
    gateway
      .on('POST /mona/mnist/experiments', experimentBody(100), 201)
      .on('PUT /mona/mnist/repo/upload', { revision: 'f00d', files: 1, size_bytes: 9, unchanged: true }, 201);
    shell.write('polyaxonfile.yml', valid);
  });

  it('uploads, starts exactly that code, and remembers the experiment', async () => {
    const { code, stdout, stderr } = await shell.type(['run', '-u', '--name', 'first', '--description', 'a b', '--tags', 'x', '--ttl', '9']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Creating an independent experiment.\nExperiment `100` was created\n' });
    expect(stderr).toContain('exactly these files already');
    const body = JSON.parse(gateway.requests[1]?.body.toString() ?? '') as unknown;
    expect(body).toEqual({ content: valid, name: 'first', description: 'a b', tags: ['x'], ttl: 9, is_managed: true, code_revision: 'f00d' });
    gateway.on('GET /mona/mnist/experiments/100', experimentBody(100));
    expect((await shell.type('experiment get -o name')).stdout).toBe('100\n');
  });
  it('merges files and params before it sends them', async () => {
    shell.write('more.yml', 'params: {epochs: 3}\n');
    expect((await shell.type('run -f polyaxonfile.yml -f more.yml -P lr=0.9')).code).toBe(0);
    const { content } = JSON.parse(gateway.requests[0]?.body.toString() ?? '') as { content: string };
    expect(JSON.parse(content)).toMatchObject({ params: { lr: '0.9', epochs: 3 }, run: { cmd: 'python train.py --lr={{ lr }}' } });
  });
  it.each([
    ['run -f missing.yml', 2, 'missing.yml'],
    ['run -f bad.yml', 4, 'bad.yml'],
    ['run -P lr', 2, 'NAME=VALUE'],
    ['run -u -p mona/other', 2, 'mona/other'],
  ])('%s exits with %d', async (words, exitCode, said) => {
    shell.write('bad.yml', 'version: 1\nkind: experiment\nrunn: {cmd: x}\n');
    const { code, stderr } = await shell.type(words);
    expect(code).toBe(exitCode);
    expect(stderr).toContain(said);
    expect(gateway.requests).toEqual([]);
  });
  it('is checked before by check', async () => {
    expect(await shell.type('check -f polyaxonfile.yml')).toMatchObject({ code: 0, stdout: 'Polyaxonfile valid\n' });
    expect((await shell.type('check --definition -P lr=0.7')).stdout).toContain('python train.py --lr=0.7');
    expect(gateway.requests).toEqual([]);
  });
});

describe('an experiment', () => {
  it('is shown in every form', async () => {
    expect((await shell.type('experiment -xp 23 get')).stdout).toContain('mona/mnist/experiments/23');
    expect(JSON.parse((await shell.type('experiment -xp 23 get -o json')).stdout)).toMatchObject({ id: 23 });
    expect((await shell.type('experiment -xp 23 -o yaml get')).stdout).toContain('\nlast_status: running\n');
    expect((await shell.type('experiment -xp 23 get -o name')).stdout).toBe('23\n');
    expect((await shell.type('experiment -xp 23 get', { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[33mrunning');
    expect((await shell.type('experiment -xp 23 get --no-color', { env: { FORCE_COLOR: '1' } })).stdout).not.toContain('\u001b');
  });
  it('shows its statuses, metrics, history and lineage', async () => {
    gateway
      .on(`GET ${X}/statuses`, page({ id: 1, status: 'created', message: 'waits for a copy', created_at: '2026-01-01T00:00:00Z' }))
      .on(`GET ${X}/metrics`, page({ id: 1, created_at: '2026-01-01T00:00:00Z', values: { loss: 0.5, step: 1 } }))
      .on(`GET ${X}/history`, [{ id: '1', time: 't', stream: 'experiment-23', type: 'ExperimentCreated', actor: 'mona', data: {} }])
      .on(`GET ${X}/lineage`, {
        experiment_id: 23,
        nodes: [{ id: 23, name: null, last_status: 'running', source_id: null, cloning_strategy: null, outputs_path: 'o', deleted: false }],
      });
    expect((await shell.type('experiment -xp 23 statuses')).stdout).toContain('waits for a copy');
    expect((await shell.type('experiment -xp 23 metrics')).stdout).toMatch(/^step +loss +TIME\n1 +0.5/);
    expect((await shell.type('experiment -xp 23 history')).stdout).toContain('ExperimentCreated');
    expect((await shell.type('experiment -xp 23 lineage')).stdout).toBe('23 * running o\n');
  });
  it('is stopped, updated and deleted', async () => {
    gateway.on(`POST ${X}/stop`, {}).on(`PATCH ${X}`, experimentBody(23)).on(`DELETE ${X}`, {}, 204);
    expect((await shell.type('experiment -xp 23 stop -y')).stdout).toBe('Experiment is being stopped.\n');
    expect((await shell.type('experiment -xp 23 stop')).code).toBe(0);
    expect((await shell.type('experiment -xp 23 update --name a --tags x,y')).code).toBe(0);
    expect((await shell.type('experiment -xp 23 update')).code).toBe(2);
    expect((await shell.type('experiment -xp 23 delete')).stderr).toContain('-y');
    expect((await shell.type('experiment -xp 23 delete -y')).stdout).toBe('Experiment `23` was delete successfully\n');
    expect(gateway.said).toEqual([`POST ${X}/stop`, `POST ${X}/stop`, `PATCH ${X} {"name":"a","tags":["x","y"]}`, `DELETE ${X}`]);
  });
  it('gives its outputs and its code', async () => {
    const file: Answer = (_request, response) => response.writeHead(200, { 'x-polyaxon-content-length': '5' }).end('12345');
    gateway
      .on(`GET ${X}/outputs/download`, file)
      .on(`GET ${X}/outputs/files`, file)
      .on(`GET ${X}/coderef`, { commit: 'abc' })
      .on('GET /mona/mnist/repo/download', file);
    gateway.on(`GET ${X}/outputs/tree`, (({ query }, response) =>
      response.end(JSON.stringify(query.path === '' ? { files: [['a.txt', 5]], dirs: ['sub'] } : { files: [['b.txt', 2048]], dirs: [] }))) satisfies Answer);
    expect((await shell.type('experiment -xp 23 outputs')).stdout).toBe('Files downloaded.\n');
    expect(readFileSync(join(shell.folder, 'mona.mnist.23.tar.gz'), 'utf8')).toBe('12345');
    expect((await shell.type('experiment -xp 23 outputs ls -o name')).stdout).toBe('sub/\na.txt\n');
    expect((await shell.type('experiment -xp 23 outputs tree -o name')).stdout).toBe('a.txt\nsub/\nsub/b.txt\n');
    expect((await shell.type('experiment -xp 23 outputs cat a.txt')).stdout).toBe('12345');
    expect((await shell.type('experiment -xp 23 outputs cat')).code).toBe(2);
    const { stdout, stderr } = await shell.type('experiment -xp 23 code');
    expect(stdout).toBe('Files downloaded.\n');
    expect(stderr).toContain('Experiment has code ref: `abc`, downloading ...');
    expect(gateway.requests.at(-1)?.query).toEqual({ commit: 'abc' });
  });
  it('leaves no file behind when a download breaks off', async () => {
    gateway.on(`GET ${X}/outputs/download`, ((_request, response) => {
      response.writeHead(200, { 'x-polyaxon-content-length': '500' });
      return response.write('12345', () => response.destroy());
    }) satisfies Answer);
    const { code, stderr } = await shell.type('experiment -xp 23 outputs');
    expect(code).toBe(1);
    expect(stderr).toContain('mona.mnist.23.tar.gz was not downloaded');
    expect(readdirSync(shell.folder)).toEqual(['.polyaxon']);
  });
});

describe('the rest', () => {
  it('rebuilds views, shows dead letters, fills topics again', async () => {
    gateway
      .on('POST /admin/rebuild_views', { events: 12 })
      .on('GET /admin/dead_letters', page({ id: '7', reason: 'unreadable' }))
      .on('POST /admin/dead_letters/replay', { replayed: 1 })
      .on('POST /admin/refill_topics', { topics: ['run.events'] });
    expect((await shell.type('admin rebuild-views')).stdout).toBe('Views are rebuilt. events=12\n');
    expect((await shell.type('admin dead-letters')).stdout).toContain('unreadable');
    expect((await shell.type('admin dead-letters --replay')).stdout).toContain('replayed=1');
    expect((await shell.type('admin refill-topics')).stdout).toBe('Every event is published again on run.events; who has seen one before will see it twice.\n');
  });
  it('tries one dead letter again, or drops it with a reason', async () => {
    const id = '0'.repeat(8) + '-0000-4000-8000-' + '0'.repeat(12);
    gateway.on('POST /admin/dead_letters/replay', { replayed: 1 }).on('POST /admin/dead_letters/drop', { dropped: 1 }).on('GET /admin/dead_letters/dropped', page({ dropped_by: 'mona' }));
    await shell.type(`admin dead-letters --replay scheduler/${id}`);
    expect(await shell.type(`admin dead-letters --drop scheduler/${id}`)).toMatchObject({ code: 2, stderr: expect.stringContaining('--drop takes --reason') as string });
    expect((await shell.type(`admin dead-letters --drop scheduler/${id} --reason gone`)).stdout).toContain('is dropped');
    expect(gateway.said).toEqual([
      `POST /admin/dead_letters/replay {"consumer_group":"scheduler","message_id":"${id}"}`, `POST /admin/dead_letters/drop {"consumer_group":"scheduler","message_id":"${id}","reason":"gone"}`,
    ]);
    expect((await shell.type('admin dead-letters --dropped')).stdout).toContain('mona');
    expect((await shell.type('admin dead-letters --drop 7 --reason x')).code).toBe(2);
  });
  it.each(['bash', 'zsh', 'fish'])('completes in %s', async (name) => {
    const { code, stdout } = await shell.type(`completion ${name}`);
    expect(code).toBe(0);
    expect(stdout).toContain('resume');
    expect(stdout).toContain('--copy-dir');
  });
  it.each([
    ['experiment -xp 23 resum', 'Did you mean resume?'],
    ['experimnt get', 'Did you mean experiment?'],
    ['experiment -xp 23 restart --coppy', 'Did you mean --copy?'],
    ['experiment -xp abc get', 'named by its number'],
    ['experiment -xp 23 resume --copy', "unknown option '--copy'"],
    ['project get -p a/b/c', 'USER/NAME'],
    ['run -o xml', 'Allowed choices'],
    ['experiment -xp 23 logs --tail x', 'whole number'],
  ])('%s is answered with help and 2', async (words, said) => {
    const { code, stdout, stderr } = await shell.type(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('    at ');
    expect(gateway.requests).toEqual([]);
  });
  it('a verb that is missing is asked for', async () =>
    expect(await shell.type('experiment')).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage: polyaxon experiment') as string }));
  it('help is no mistake', async () => {
    for (const words of ['', '--help', 'experiment --help', 'help', 'experiment restart -h']) expect((await shell.type(words)).code).toBe(0);
  });
  it('nothing was used here yet', async () => expect((await new CommandLine(gateway.port).type('experiment get')).stderr).toContain('pass -xp NUMBER'));
  it('traces only when asked', async () => expect((await shell.type('experiment -xp abc get --debug')).stderr).toContain('    at '));
});
