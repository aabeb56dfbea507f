// What does bad input get? A line that says what is wrong and what would be right, and nothing of it is kept.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bigTarGz, noise, tar, tarGz, zeros, type Member } from './archives.ts';
import { Platform, uploadBytes, type Answer, type Said } from './platform.ts';

const MiB = 1024 * 1024;
const disk = mkdtempSync(join(tmpdir(), 'polyaxon-small-disk-'));
const isSmall = process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=900m', 'tmpfs', disk]).status === 0;
const runnable = 'version: 1\nkind: experiment\nrun:\n  cmd: ';
let platform: Platform;
let folder: string;

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_MAX_CONCURRENT_RUNS: '1' }, { home: join(disk, 'home') });
  folder = platform.workspace('mona', { 'train.py': 'print(1)\n' });
  await platform.cli(folder, 'project', 'create', '--name', 'mnist', '--init');
  expect((await platform.cli(folder, 'upload')).code).toBe(0);
}, 120_000);
afterAll(async () => {
  await platform.remove();
  if (isSmall) spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
}, 60_000);

/** Everything of which a refusal must leave no trace. */
async function kept(): Promise<object> {
  const [counts] = await platform.rows<object>(
    `SELECT (SELECT count(*) FROM event_store.messages WHERE category IN ('experiment', 'project')) AS events, (SELECT last_value FROM api_gateway.experiment_ids) AS last_id,
            (SELECT count(*) FROM api_gateway.experiments) AS experiments, (SELECT count(*) FROM api_gateway.projects) AS projects, (SELECT count(*) FROM api_gateway.users) AS users`,
  );
  const files = ['code', 'outputs', 'logs'].map((name) => readdirSync(join(platform.home, name), { recursive: true }).sort());
  return { ...counts, files };
}

async function create(cmd: string): Promise<number> {
  const { body } = await platform.api('POST', 'root/mnist/experiments', { content: `${runnable}${JSON.stringify(cmd)}\n`, is_managed: true });
  return body.id as number;
}

/** A command line as it was advised, word for word. */
function type(command: string): Promise<Said> {
  const [program, ...words] = command.split(' ');
  expect(program).toBe('polyaxon');
  return platform.cli(folder, ...words);
}

const clone = (id: number, verb: string, body: object = {}) => platform.api('POST', `root/mnist/experiments/${id}/${verb}`, body);

describe('what is refused leaves no trace', () => {
  let before: object;
  let done: number;
  beforeAll(async () => {
    done = await create('echo saved > $POLYAXON_RUN_OUTPUTS_PATH/model');
    await platform.done(done);
    before = await kept();
  });
  afterEach(async () => expect(await kept()).toEqual(before));

  describe('unknown project, experiment or user: 404 and the nearest names', () => {
    it.each([
      ['root/mnits', 'project-not-found', 'there is no project root/mnits; did you mean mnist?'],
      ['root/mnits/experiments', 'project-not-found', 'did you mean mnist?'],
      ['rooot/mnist', 'user-not-found', 'there is no user rooot; did you mean root?'],
      ['rooot', 'user-not-found', 'there is no user rooot; did you mean root?'],
      ['root/mnist/experiments/99', 'experiment-not-found', 'there is no experiment root/mnist/99; did you mean 1?'],
      ['experiments/99', 'experiment-not-found', 'there is no experiment 99; did you mean 1?'],
    ])('%s', async (path, code, detail) => {
      const answer = await platform.api('GET', path);
      expect(answer).toMatchObject({ status: 404, body: { code, detail: expect.stringContaining(detail) as string } });
      expect((await type(answer.body.fix as string)).code).toBe(0); // what was meant is there
    });

    it.each([
      ['project -p mnits get', 'did you mean mnist?'],
      ['project list rooot', 'did you mean root?'],
      ['experiment -xp 99 resume', 'did you mean 1?'],
      ['init mnits', 'did you mean mnist?'],
    ])('polyaxon %s', async (command, meant) => {
      const { code, out, err } = await type(`polyaxon ${command}`);
      expect([code, out, err.includes(meant)]).toEqual([3, '', true]);
    });
  });

  describe('malformed or oversized polyaxonfile: 400 naming line, path and what was expected, within a second', () => {
    const valid = `${runnable}"true"\n`;
    const levels = (line: (level: number) => string) => Array.from({ length: 30 }, (_, level) => line(level)).join('\n');
    const aliases = levels((level) => `  a${level}: &a${level} [${level === 0 ? '1' : Array(9).fill(`*a${level - 1}`).join(', ')}]`);
    const merges = levels((level) => `  m${level}: &m${level} {${level === 0 ? 'k: 1' : `<<: [*m${level - 1}, *m${level - 1}]`}}`);
    it.each([
      ['an unknown section', `${valid}enviroment: {}\n`, 'line 5, column 1, enviroment: unknown section, did you mean environment?'],
      ['an unknown key', `${valid}environment:\n  resource: {}\n`, 'line 6, column 3, environment.resource: unknown key, did you mean resources?'],
      [
        'a wrong type', `${valid}environment:\n  resources:\n    cpu: {limits: lots}\n`,
        'line 7, column 11, environment.resources.cpu.limits: expected a quantity such as 0.5 or "500m", found "lots"',
      ],
      ['no run', 'version: 1\nkind: experiment\n', 'run is missing; kind experiment needs it'],
      ['nothing', '', 'line 1: expected a mapping of sections, found nothing'],
      ['a list', '- version: 1\n', 'line 1: expected a mapping of sections, found a list'],
      ['no YAML', 'version: [1\nkind: experiment\n', /line \d+, column \d+: is not YAML/],
      ['a template that knows no such param', `${runnable}train --lr={{ lr }}\n`, 'lr'],
      ['a name outside the pattern', `${valid}name: my run\n`, 'line 5, column 1, name: expected 1 to 64 of [-a-zA-Z0-9_], found "my run"'],
      ['256 KiB and a byte', valid.padEnd(256 * 1024, '#') + '#', 'is larger than 256 KiB'],
      ['a bomb of aliases', `${valid}params:\n${aliases}\n`, /line \d+, column \d+, params\.a\d+.*: (more than 100 aliases|holds more than)/],
      ['a bomb of merge keys', `${valid}params:\n${merges}\n`, 'line 7, column 12, params.m1: merge keys (<<) are not supported'],
      ['a bomb of brackets', `${valid}params: ${'['.repeat(100_000)}\n`, 'nested more than 32 levels deep'],
      ['a loop without end', `${runnable}"{% for i in range(1000000000) %}x{% endfor %}"\n`, 'run.cmd'],
    ])('%s', async (_, content, detail) => {
      const started = performance.now();
      const answer = await platform.api('POST', 'root/mnist/experiments', { content, is_managed: true });
      const tookMs = performance.now() - started;
      expect(answer).toMatchObject({ status: 400, body: { code: 'polyaxonfile-invalid' } });
      expect(answer.body.detail).toMatch(detail);
      expect(tookMs).toBeLessThan(1000);
    });

    it.each(['check', 'run -u', 'run'])('polyaxon %s: said before anything is uploaded', async (command) => {
      writeFileSync(join(folder, 'wrong.yml'), `${valid}enviroment: {}\n`);
      const { code, out, err } = await platform.cli(folder, ...command.split(' '), '-f', 'wrong.yml');
      rmSync(join(folder, 'wrong.yml'));
      expect([code, out]).toEqual([4, '']);
      expect(err).toContain('wrong.yml: line 5, column 1, enviroment: unknown section, did you mean environment?');
    });
  });

  describe('override that is not a mapping: 400', () => {
    const verbs = ['resume', 'restart', 'copy', 'resume/plan', 'restart/plan', 'copy/plan'];
    it.each(verbs)('%s', async (verb) => {
      const refused = async (content: unknown, code: string, detail: string) =>
        expect(await clone(done, verb, { content })).toMatchObject({ status: 400, body: { code, detail: expect.stringContaining(detail) as string } });
      for (const content of ['- params', '[1, 2]', 'just text', '5', "{'a', 'b'}", 'null']) await refused(content, 'override-invalid', 'line 1: expected a mapping of sections, found');
      await refused('parms: {lr: 1}', 'override-invalid', 'line 1, column 1, parms: unknown section, did you mean params?');
      for (const content of [['params'], 5, { params: 1 }]) await refused(content, 'request-invalid', 'content must be a string');
    });

    it.each(['resume', 'restart', 'restart --copy', 'restart -u'])('polyaxon experiment %s', async (verb) => {
      writeFileSync(join(folder, 'list.yml'), '- lr: 1\n');
      const { code, out, err } = await platform.cli(folder, 'experiment', '-xp', String(done), ...verb.split(' '), '-f', 'list.yml');
      rmSync(join(folder, 'list.yml'));
      expect([code, out]).toEqual([4, '']);
      expect(err).toContain('list.yml: line 1: expected a mapping of sections, found a list');
    });
  });

  describe('upload that is not a gzip tar of files, or too much of it: refused', () => {
    const good: Member = { path: './train.py', content: 'print(1)' };
    const refused = (answer: Answer, detail: string | RegExp) => {
      expect(answer).toMatchObject({ status: 400, body: { code: 'upload-invalid', fix: 'polyaxon upload' } });
      expect(answer.body.detail).toMatch(detail);
    };
    const whole = tarGz(good, { path: 'b', content: 'x'.repeat(5000) });
    it.each<[string, Buffer, string | RegExp]>([
      ['not gzip', Buffer.from('PK\x03\x04 a zip'), 'it is not a whole gzip archive'],
      ['empty', Buffer.alloc(0), 'it is not a whole gzip archive'],
      ['truncated gzip', whole.subarray(0, whole.length - 20), 'it is not a whole gzip archive'],
      ['damaged gzip', Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8)]), 'it is not a whole gzip archive'],
      ['gzip, but no tar', gzipSync('x'.repeat(5000)), 'it is not a whole tar archive'],
      ['truncated tar', gzipSync(tar(good, { path: 'b', content: 'x'.repeat(5000) }).subarray(0, 3000)), 'it is not a whole tar archive'],
      ['a tar of nothing', tarGz(), /no files|not a whole tar/],
      ['a symbolic link', tarGz(good, { path: 'l', type: 'SymbolicLink', linkpath: '/etc/passwd' }), '"l" is a symbolic link'],
      ['a hard link', tarGz(good, { path: 'l', type: 'Link', linkpath: 'train.py' }), '"l" is a hard link'],
      ['an absolute name', tarGz(good, { path: '/etc/cron.d/x' }), '"/etc/cron.d/x" is an absolute path'],
      ['a name that leads out', tarGz(good, { path: 'a/../../x' }), '"a/../../x" leads out of the archive'],
      ['a device', tarGz(good, { path: 'null', type: 'CharacterDevice' }), '"null" is a CharacterDevice'],
      ['a pipe', tarGz(good, { path: 'pipe', type: 'FIFO' }), '"pipe" is a FIFO'],
      ['the same name twice', tarGz(good, { path: 'TRAIN.py', content: 'other' }), '"TRAIN.py" is there already'],
      ['a bomb: 10 GiB of zeros in 10 MiB', bigTarGz(10 * 1024, zeros), 'it unpacks to more than 200 times its size'],
    ])('%s', async (_, bytes, detail) => refused(await uploadBytes(platform, 'root/mnist', bytes), detail));

    it('more than 150 MiB', async () => {
      const answer = await uploadBytes(platform, 'root/mnist', bigTarGz(151, noise));
      expect(answer).toMatchObject({ status: 413, body: { code: 'upload-too-large', detail: 'the upload is larger than 150 MiB' } });
      expect(answer.body.fix).toContain('.polyaxonignore');
    });

    it('no form, or one without the file', async () => {
      refused(await platform.api('PUT', 'root/mnist/repo/upload', {}), 'multipart/form-data');
      const form = new FormData();
      form.append('code', new Blob(['x']), 'code.tar.gz');
      refused(await platform.api('PUT', 'root/mnist/repo/upload', form), 'the first part of an upload is the file `repo`');
    });

    it('polyaxon upload: links are named', async () => {
      symlinkSync('/etc', join(folder, 'etc'));
      const { code, err } = await platform.cli(folder, 'upload');
      rmSync(join(folder, 'etc'));
      expect([code, err.includes('etc (link)')]).toEqual([4, true]);
    });
  });

  it('names outside [-a-zA-Z0-9_]: 400', async () => {
    for (const name of ['a b', 'a.b', 'a/b', '..', '../x', 'ünï', 'a\n', '', 'x'.repeat(65), 'a\0', '<b>']) {
      expect(await platform.api('POST', 'projects', { name })).toMatchObject({ status: 400, body: { code: 'name-invalid' } });
      expect(await platform.api('POST', 'users', { username: name, password: 'long enough' })).toMatchObject({ status: 400, body: { code: 'name-invalid' } });
      const experiment = await platform.api('POST', 'root/mnist/experiments', { content: `${runnable}"true"`, name });
      expect([experiment.status, experiment.body.detail]).toEqual([400, expect.stringContaining('letters, digits, - and _')]);
      expect(await platform.api('PATCH', `root/mnist/experiments/${done}`, { name })).toMatchObject({ status: 400 });
      expect(await clone(done, 'restart', { name })).toMatchObject({ status: 400 });
    }
    const { code, err } = await platform.cli(folder, 'project', 'create', '--name', 'a b');
    expect([code, err.includes('letters, digits, - and _')]).toEqual([4, true]);
  });
});

describe('what can’t be done now: 409 with the reason and the command that would work', () => {
  const save = 'echo saved >> $POLYAXON_RUN_OUTPUTS_PATH/model; ';
  const sources: number[] = [];
  afterAll(async () => Promise.all(sources.map((id) => clone(id, 'stop'))));

  const told = (id: number) =>
    platform.rows('SELECT count(*), (SELECT last_value FROM api_gateway.experiment_ids) AS last_id FROM event_store.messages WHERE stream_name = $1', [`experiment-${id}`]);

  /** Refused over HTTP and by the command line alike, and nothing happened; then the advice is followed. */
  async function refusedThenAdvised(id: number, verb: string, code: string, advice: string): Promise<void> {
    const before = await told(id);
    const answer = await clone(id, verb);
    expect(answer).toMatchObject({ status: 409, body: { code, fix: advice } });
    const said = await type(`polyaxon experiment -xp ${id} ${verb === 'copy' ? 'restart --copy' : verb}`);
    expect([said.code, said.out, said.err.includes(`error: ${answer.body.detail}\n  fix: ${advice}\n`)]).toEqual([4, '', true]);
    expect(await told(id)).toEqual(before);
    expect((await type(advice)).code).toBe(0);
  }

  it('resume of a live experiment, and of one that never ran', async () => {
    const live = await create(`${save}exec sleep 300`);
    sources.push(live);
    await platform.status(live, 'running');
    const queued = await create('true');
    await clone(queued, 'stop');
    await platform.status(queued, 'stopped');
    await refusedThenAdvised(queued, 'resume', 'experiment-never-ran', `polyaxon experiment -xp ${queued} restart`);

    await refusedThenAdvised(live, 'resume', 'experiment-not-done', `polyaxon experiment -xp ${live} stop`);
    await platform.status(live, 'stopped');
    const { body } = await clone(live, 'resume');
    sources.push(body.id);
    await platform.status(body.id, 'running');
    expect((await clone(live, 'resume')).body).toMatchObject({ code: 'experiment-not-done', fix: `polyaxon experiment -xp ${body.id} stop` });
    await clone(body.id, 'stop');
    await platform.done(body.id);
  });

  it('resume and copy of one without outputs', async () => {
    const empty = await create('true');
    await platform.status(empty, 'succeeded');
    for (const verb of ['resume', 'copy']) await refusedThenAdvised(empty, verb, 'outputs-empty', `polyaxon experiment -xp ${empty} restart`);
  });

  it('stop of a finished run, whose status stays', async () => {
    const finished = await create(`${save}exit 3`);
    const before = await platform.status(finished, 'failed');
    await refusedThenAdvised(finished, 'stop', 'experiment-already-done', `polyaxon experiment -xp ${finished} resume`);
    expect(await platform.experiment(finished)).toEqual(before);
  });
});

it('a command that doesn’t exist: failed, with the shell’s message in the logs and the status', async () => {
  const id = await create('no-such-program --epochs 3');
  const experiment = await platform.done(id);
  expect(experiment).toMatchObject({ last_status: 'failed', exit_code: 127, last_status_message: expect.stringContaining('no-such-program: ') as string });
  expect(platform.log(experiment)).toMatch(/no-such-program: (command )?not found/);
});

(isSmall ? it : it.skip)('disk full during a copy: the copy fails with that reason, the target is removed, the source untouched', async () => {
  const source = await create('for n in 1 2 3 4; do head -c 31457280 /dev/urandom > $POLYAXON_RUN_OUTPUTS_PATH/$n; done');
  const { outputs_path: sourcePath } = await platform.status(source, 'succeeded');
  const digestOf = (name: string) => createHash('sha256').update(readFileSync(join(platform.outputs(sourcePath), name))).digest('hex');
  const digest = () => readdirSync(platform.outputs(sourcePath)).sort().map((name) => `${name} ${digestOf(name)}`);
  const before = digest();
  const free = () => statfsSync(disk).bavail * statfsSync(disk).bsize;
  const ballast = join(disk, 'ballast');
  mkdirSync(ballast);
  for (let part = 0; free() > 60 * MiB; part += 1) writeFileSync(join(ballast, String(part)), Buffer.alloc(Math.min(10 * MiB, free() - 50 * MiB)));
  const filesBefore = readdirSync(join(platform.home, 'outputs'), { recursive: true }).sort();

  const { code, out, err } = await platform.cli(folder, 'experiment', '-xp', String(source), 'restart', '--copy', '--wait');
  const copy = Number(/with id (\d+)/.exec(out)?.[1]);
  const reason = 'There is no room left for the copy';
  expect([code === 0, err.includes(reason)]).toEqual([false, true]);
  expect(await platform.experiment(copy)).toMatchObject({ last_status: 'upstream_failed', attempt: 0, last_status_message: expect.stringContaining(reason) as string });
  const history = await platform.api('GET', `root/mnist/experiments/${copy}/history`);
  expect(history.body).toContainEqual(expect.objectContaining({ type: 'OutputsCopyFailed', data: expect.objectContaining({ reason: 'disk-full' }) as object }));
  expect(readdirSync(join(platform.home, 'outputs'), { recursive: true }).sort()).toEqual(filesBefore);
  expect(digest()).toEqual(before);

  rmSync(ballast, { recursive: true });
  const { body: again } = await clone(source, 'copy');
  expect(await platform.done(again.id)).toMatchObject({ last_status: 'succeeded' });
});
