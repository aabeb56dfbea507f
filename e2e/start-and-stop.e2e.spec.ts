// Does the platform start from its clone, for whoever started it, wherever that is, and leave as it came?
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { until } from '#testing';
import { Platform, processes, root, type Said } from './platform.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65534;
const platforms: Platform[] = [];

async function start(...given: Parameters<typeof Platform.start>): Promise<Platform> {
  const platform = await Platform.start(...given);
  platforms.push(platform);
  return platform;
}
afterAll(() => Promise.all(platforms.map((platform) => platform.remove())), 60_000);

/** Everything that names one of its folders in its command line or environment. */
const processesOf = ({ folder, home }: Platform) =>
  processes().filter(({ command, environment }) => [folder, home].some((path) => `${command} ${environment}`.includes(path)));

const polyaxonfile = (cmd: string) => JSON.stringify({ version: 1, kind: 'experiment', run: { cmd } });

async function create(platform: Platform, cmd: string): Promise<ExperimentBody> {
  return (await platform.api('POST', 'root/first/experiments', { content: polyaxonfile(cmd), is_managed: true })).body as ExperimentBody;
}

/** The first minutes of a user: a project, its code, a run that is followed to its end. */
async function firstRun(platform: Platform, cmd = 'python3 train.py && id -u'): Promise<Said> {
  const folder = platform.workspace('work', { 'train.py': 'print("trained")\n', 'polyaxonfile.yml': polyaxonfile(cmd) });
  expect(await platform.cli(folder, 'project', 'create', '--name', 'first', '--init')).toMatchObject({ code: 0 });
  return platform.cli(folder, 'run', '-u', '-l');
}

describe('npm start', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await start({}, { program: 'tools/start.mjs' });
  }, 300_000);

  it('runs an experiment for the user of this machine, who is logged in', async () => {
    expect(await firstRun(platform)).toMatchObject({ code: 0, out: expect.stringContaining('trained\n') as string });
  });

  it('keeps a password for its owner alone, with which the command line can log in', async () => {
    const file = join(platform.home, 'admin-password');
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    expect((await platform.cli(platform.folder, 'logout')).code).toBe(0);
    expect((await platform.cli(platform.folder, 'whoami')).code).toBe(6);
    const login = await platform.cli(platform.folder, 'login', '-u', 'root', '-p', readFileSync(file, 'utf8').trim());
    expect(login).toMatchObject({ code: 0, out: 'Login successful\n' });
    expect((await platform.cli(platform.folder, 'whoami')).out).toContain('Username: root');
  });

  it('has a neighbour, and neither hears of the other', async () => {
    const neighbour = await start();
    const { code, out } = await firstRun(neighbour, 'echo the neighbour');
    expect([code, out]).toEqual([0, expect.stringContaining('the neighbour\n')]);
    expect([(await platform.experiment(1)).command, (await neighbour.experiment(1)).command]).toEqual(['python3 train.py && id -u', 'echo the neighbour']);
    expect(await neighbour.down()).toBe(0);
    expect(processesOf(neighbour)).toEqual([]);
    expect(await create(platform, 'true').then(({ id }) => platform.done(id))).toMatchObject({ id: 2, last_status: 'succeeded' });
  });

  it('has said one line when it is asked to stop, leaves with 0, and leaves nobody behind', async () => {
    expect(await platform.down()).toBe(0);
    expect(platform.said).toMatch(/^Polyaxon is ready at http:\/\/127\.0\.0\.1:\d+ \(user root, home \S+\)\n$/);
    expect(processesOf(platform)).toEqual([]);
  });
});

describe('while runs go on', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await start({ POLYAXON_MAX_CONCURRENT_RUNS: '2' });
    await platform.api('POST', 'projects', { name: 'first' });
  }, 120_000);

  const views = () => Promise.all(['projects', 'experiments', 'experiment_statuses'].map((name) => platform.rows(`SELECT * FROM api_gateway.${name} ORDER BY id`)));

  it('views are made again, and nobody sees them half made', async () => {
    let rebuilding = true;
    const ids: number[] = [];
    const user = (async () => {
      for (let n = 0; n < 30; n += 1) ids.push((await create(platform, `echo ${n}`)).id);
    })();
    const reader = (async () => {
      while (rebuilding) {
        const known = [...ids];
        const { status, body } = await platform.api('GET', 'root/first/experiments?limit=500');
        expect([status, known.filter((id) => !(body.results as ExperimentBody[]).some((one) => one.id === id))]).toEqual([200, []]);
      }
    })();
    for (let times = 0; times < 3; times += 1) {
      const { code, out } = await platform.cli(platform.folder, 'admin', 'rebuild-views');
      expect([code, out]).toEqual([0, expect.stringMatching(/^Views are rebuilt\./)]);
    }
    rebuilding = false;
    await Promise.all([user, reader]);
    for (const id of ids) expect(await platform.done(id)).toMatchObject({ last_status: 'succeeded' });

    const before = await views();
    const atOnce = await Promise.all(Array.from({ length: 4 }, () => platform.api('POST', 'admin/rebuild_views')));
    expect(atOnce.map(({ status }) => status)).toContain(200);
    for (const answer of atOnce.filter(({ status }) => status !== 200)) expect(answer).toMatchObject({ status: 409, body: { code: 'request-in-progress' } });
    expect(await views()).toEqual(before);
  });

  it('the supervisor is killed, starts again, and finds the run that went on meanwhile', async () => {
    const go = join(platform.folder, 'go');
    const run = await create(platform, `echo $$ > $POLYAXON_RUN_OUTPUTS_PATH/pid; until [ -e ${go} ]; do echo waiting; sleep 0.05; done; echo gone on; exit 7`);
    const pid = await until('it has said who it is', () => platform.output(`${run.outputs_path}/pid`)?.trim());
    await platform.status(run.id, 'running');
    await platform.down('SIGKILL');
    expect(processes().some((one) => String(one.pid) === pid)).toBe(true);

    await platform.up();
    expect(processes().some((one) => String(one.pid) === pid)).toBe(true);
    expect(await platform.experiment(run.id)).toMatchObject({ last_status: 'running', attempt: 1 });
    platform.workspace('', { go: '' });
    const done = await platform.done(run.id);
    expect(done).toMatchObject({ last_status: 'failed', exit_code: 7, attempt: 1 });
    expect(platform.log(done)).toMatch(/^(waiting\n)+gone on\n$/);
    expect(await create(platform, 'true').then(({ id }) => platform.done(id))).toMatchObject({ last_status: 'succeeded' });
  });
});

/** A clone that this user may enter: this one, or a copy beside which no file is changed. */
function copyOfClone(under: string): string {
  for (const name of ['apps', 'clients', 'dist', 'node_modules', 'package.json']) {
    const [from, to] = [join(root, name), join(under, name)];
    if (spawnSync('cp', ['-al', from, to]).status !== 0) spawnSync('cp', ['-a', from, under]);
  }
  return under;
}

function mayBeRead(folder: string): boolean {
  const script = `require('fs').accessSync(${JSON.stringify(join(folder, 'package.json'))})`;
  return spawnSync(process.execPath, ['-e', script], { uid: nobody, gid: nobody, cwd: '/' }).status === 0;
}

(isRoot && mayBeRead(root) ? it : it.skip)('an ordinary user starts it and runs an experiment', async () => {
  const platform = await start({}, { uid: nobody });
  expect(await firstRun(platform)).toMatchObject({ code: 0, out: expect.stringContaining(`trained\n${nobody}\n`) as string });
  expect(statSync(join(platform.home, 'outputs/root/first/experiments/1')).uid).toBe(nobody);
  expect(await platform.down()).toBe(0);
  expect(processesOf(platform)).toEqual([]);
}, 120_000);

(isRoot ? it : it.skip)('root starts it in folders that only root may enter, clone and home alike', async () => {
  const closed = mkdtempSync(join(homedir(), 'polyaxon-closed-'));
  try {
    expect((statSync(closed).mode & 0o777).toString(8)).toBe('700');
    const platform = await start({}, { clone: copyOfClone(closed), home: join(closed, 'home') });
    expect(await firstRun(platform)).toMatchObject({ code: 0, out: expect.stringContaining('trained\n0\n') as string });
    expect(await platform.down()).toBe(0);
    expect(processesOf(platform)).toEqual([]);
  } finally {
    await platforms.at(-1)?.down();
    rmSync(closed, { recursive: true, force: true });
  }
}, 180_000);
