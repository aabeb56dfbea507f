// Does an executor of processes keep the contract, and what is its own?
import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from 'tar';
import { until } from '#testing';
import type { AttemptId, Observation } from '../executor.ts';
import { executorContract, specOf, type ExecutorUnderTest } from '../executor-contract.ts';
import { ControlGroups } from './control-groups.ts';
import { openStorage } from '#storage';
import { LocalExecutor } from './local-executor.ts';
import { OutputsPlaces } from './outputs-places.ts';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '../../../../..');
const revision = 'ab'.repeat(32);

interface LocalUnderTest extends ExecutorUnderTest {
  readonly executor: LocalExecutor;
  readonly root: string;
  folderOf(id: AttemptId): string;
}

async function open(groups = new ControlGroups({ mounts: '', own: '' })): Promise<LocalUnderTest> {
  const root = await mkdtemp(join(tmpdir(), 'executor-'));
  const code = [await openStorage({ kind: 'volume', root: join(root, 'code') })];
  const make = () =>
    new LocalExecutor({
      runsRoot: join(root, 'runs'), code, outputs: new OutputsPlaces({ root: join(root, 'outputs') }), logsRoot: join(root, 'logs'),
      secretsRoot: join(root, 'secrets'), configMapsRoot: join(root, 'config'), dataRoot: join(root, 'data'),
      gatewayUrl: 'http://127.0.0.1:1', runTokenSecret: 'secret', pythonClient: join(repository, 'clients/python'), attemptScript: join(here, 'attempt.sh'),
      groups, inherited: process.env, now: () => new Date(),
    });
  await mkdir(join(root, 'runs'), { mode: 0o700 });
  const folderOf = ({ experimentId, attempt }: AttemptId) => join(root, 'runs', `${experimentId}-${attempt}`);
  return {
    executor: make(),
    another: async () => make(),
    root,
    folderOf,
    consoleOf: (id) => readFile(join(folderOf(id), 'console'), 'utf8').catch(() => ''),
    count: async (id) => (await processesWith(`-${id.experimentId}-${id.attempt}`, folderOf(id))).length,
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/** Looked for in another way than the executor does: by where they work. */
async function processesWith(marker: string, folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
  const found = await Promise.all(pids.map(async (pid) => {
    const isThere = (await readlink(`/proc/${pid}/cwd`).catch(() => '')).startsWith(`${folder}/`);
    const isLeader = (await read(pid, 'cmdline')).includes('until echo');
    const isMarked = new RegExp(`POLYAXON_RUN_MARKER=polyaxon-[0-9a-f]+${marker}\\0`).test(await read(pid, 'environ'));
    return (isThere || isMarked) && !isLeader ? [pid] : [];
  }));
  return found.flat();
}

describe('the local executor', () => {
  executorContract({ open: () => open(), until });
});

describe('a process of the local executor', () => {
  let under: LocalUnderTest;
  beforeAll(async () => {
    under = await open();
  });
  afterAll(() => under.close());

  const ended = (id: AttemptId) =>
    until('it has ended', async () => {
      const observation: Observation = await under.executor.observe(id);
      return observation.state === 'ended' && observation;
    });

  async function run(experimentId: number, command: string, order: Parameters<typeof specOf>[2] = {}): Promise<string> {
    const spec = specOf(experimentId, command, order);
    await under.executor.launch(spec);
    await ended(spec);
    return under.consoleOf(spec);
  }

  it.each([['reads', 'cat $POLYAXON_CHECKPOINT_PATH', 'read'], ['ignores', 'true', 'not-read']])('that %s the checkpoint it was given, and is gone at once', async (_, command, read) => {
    const spec = specOf(read === 'read' ? 320 : 321, command);
    const file = join(under.root, 'outputs', spec.order.outputsPath, 'step-7.json');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '{"step": 7}\n');
    const offered = { path: 'step-7.json', framework: 'json', step: 7, sizeBytes: 12, modifiedAt: '2026-11-22T10:00:00.000Z', complete: true, problem: null };
    await under.executor.launch({ ...spec, checkpoint: { offered, parts: ['step-7.json'], setAside: [] } });
    expect(await ended(spec)).toMatchObject({ exitCode: 0, checkpoint: { read } });
  });

  it('works in the code it was pinned to, which nobody else can read', async () => {
    const source = join(under.root, 'source');
    await mkdir(join(source, 'model'), { recursive: true });
    await writeFile(join(source, 'train.sh'), 'cat model/name');
    await writeFile(join(source, 'model/name'), 'softmax');
    await chmod(join(source, 'train.sh'), 0o755);
    await mkdir(join(under.root, 'code/mona/iris'), { recursive: true });
    await create({ gzip: true, cwd: source, file: join(under.root, `code/mona/iris/${revision}.tar.gz`) }, ['.']);
    expect(await run(1, './train.sh 2>&1 || sh train.sh', { codeRevision: revision })).toContain('softmax');
    expect((await stat(under.folderOf({ experimentId: 1, attempt: 1 }))).mode & 0o777).toBe(0o700);
  });

  it('is not started without its code', async () => {
    const missing = 'cd'.repeat(32);
    await expect(under.executor.launch(specOf(2, 'true', { codeRevision: missing }))).rejects.toMatchObject({ reason: 'code', message: expect.stringContaining(missing) });
    expect(await under.executor.observe({ experimentId: 2, attempt: 1 })).toEqual({ state: 'absent' });
  });

  it('is not started with code that holds a link', async () => {
    const source = join(under.root, 'linked');
    const linked = 'ef'.repeat(32);
    await mkdir(source);
    await symlink('/etc/passwd', join(source, 'passwd'));
    await create({ gzip: true, cwd: source, file: join(under.root, `code/mona/iris/${linked}.tar.gz`) }, ['.']);
    await expect(under.executor.launch(specOf(3, 'cat passwd', { codeRevision: linked }))).rejects.toMatchObject({ reason: 'code', message: expect.stringContaining('passwd') });
  });

  it('is not started with code that is damaged', async () => {
    const damaged = '12'.repeat(32);
    await writeFile(join(under.root, `code/mona/iris/${damaged}.tar.gz`), 'not a tar');
    await expect(under.executor.launch(specOf(4, 'true', { codeRevision: damaged }))).rejects.toMatchObject({ reason: 'code' });
  });

  it('says that a command is too long', async () => {
    await expect(under.executor.launch(specOf(5, `: ${'x'.repeat(200_000)}`))).rejects.toMatchObject({ reason: 'start', message: expect.stringMatching('too long') });
  });

  it('knows the client, and no secret', async () => {
    const output = await run(6, `python3 -c 'from polyaxon_client.tracking import get_outputs_path; print(get_outputs_path())'; env; cat`);
    expect(output).toContain(join(under.root, 'outputs/mona/iris/experiments/6'));
    expect(output).not.toMatch(/POLYAXON_DATABASE_URL|runTokenSecret/);
    expect(output).toContain('POLYAXON_SECRET_USER_TOKEN=run.6.1.');
    const kept = await readdir(under.folderOf({ experimentId: 6, attempt: 1 }));
    expect(kept.sort()).toEqual(['claim', 'code', 'console', 'exit']);
  });

  it('hears Ctrl-C', async () => expect(await run(7, `trap 'echo interrupted; exit 0' INT; kill -INT $$; echo deaf`)).toContain('interrupted'));

  it('warns of limits that can not be applied here', async () => {
    const spec = specOf(8, 'true', { environment: { resources: { memory: { limits: '512Mi' }, cpu: { requests: 1 } } } });
    expect((await under.executor.launch(spec))?.warnings).toEqual([expect.stringMatching('536870912 bytes of memory is not applied')]);
    expect((await under.executor.launch(spec))?.warnings).toHaveLength(1);
    await ended(spec);
  });

  it('is lost when its leader was killed from outside, and leaves nothing', async () => {
    const spec = specOf(9, 'sleep 300 & setsid sleep 300 & wait');
    await under.executor.launch(spec);
    const leader = Number(await readFile(join(under.folderOf(spec), 'claim'), 'utf8'));
    await until('its children are there', async () => (await under.count(spec)) >= 3);
    process.kill(leader, 'SIGKILL');
    expect(await ended(spec)).toMatchObject({ exitCode: null, cause: 'infrastructure', message: expect.stringContaining('vanished') });
    expect(await under.count(spec)).toBe(0);
  });

  it('is not taken for a stranger that has got its number', async () => {
    const stranger = spawn('sleep', ['300'], { stdio: 'ignore' });
    try {
      const folder = under.folderOf({ experimentId: 20, attempt: 1 });
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'claim'), `${stranger.pid}\n`);
      expect(await under.executor.observe({ experimentId: 20, attempt: 1 })).toMatchObject({ state: 'ended', exitCode: null });
      await under.executor.stop({ experimentId: 20, attempt: 1 }, 0);
      await under.executor.stop({ experimentId: 20, attempt: 1 }, 0);
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('is not launched by a launcher that was killed, once another has given up on it', async () => {
    const folder = under.folderOf({ experimentId: 21, attempt: 1 });
    await under.executor.stop({ experimentId: 21, attempt: 1 }, 0);
    const late = spawn('/bin/sh', [join(here, 'attempt.sh'), folder, '/bin/sh', 'echo late'], { stdio: ['ignore', 'ignore', 'ignore', 'ignore'] });
    await new Promise((resolve) => late.once('exit', resolve));
    expect(await readdir(folder)).toEqual(['claim']);
  });

  it('is held to its limit of cpu where the machine allows it, in a group that goes with it', async () => {
    const limited = await open(await ControlGroups.open());
    const spec = specOf(22, 'cat /proc/self/cgroup', { environment: { resources: { cpu: { limits: 0.5 } } } });
    try {
      const warnings = (await limited.executor.launch(spec))?.warnings;
      await until('it has ended', async () => (await limited.executor.observe(spec)).state === 'ended');
      const isApplied = (await limited.consoleOf(spec)).includes('polyaxon-');
      expect(warnings).toHaveLength(isApplied ? 0 : 1);
      if (!isApplied) process.stderr.write(`not shown here: ${warnings?.join()}\n`);
      await limited.executor.forget(spec);
      const groups = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => / - cgroup2? /.test(line)).map((line) => line.split(' ')[4] ?? '');
      for (const group of groups) expect((await readdir(group)).filter((name) => name.endsWith('-22-1'))).toEqual([]);
    } finally {
      await limited.close();
    }
  });

  it('says that the disk is full, and leaves nothing', async () => {
    const small = await open();
    const runs = join(small.root, 'runs');
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', runs]).status !== 0) {
      process.stderr.write('not shown here: a full disk needs the right to mount one\n');
      await small.close();
      return;
    }
    try {
      await writeFile(join(runs, 'full'), Buffer.alloc(64 * 1024)).catch(() => undefined);
      await expect(small.executor.launch(specOf(23, 'true'))).rejects.toMatchObject({ reason: 'start', message: expect.stringMatching('no space left') });
      await small.executor.forget(specOf(23, 'true'));
      expect(await readdir(runs)).toEqual(['full']);
    } finally {
      spawnSync('umount', [runs]);
      await small.close();
    }
  });
});
