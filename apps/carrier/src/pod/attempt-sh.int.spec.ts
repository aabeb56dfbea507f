// Does the first process of a container end all of it when it is asked to, and leave the true exit code, in every shell?
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '#testing';

const script = join(process.cwd(), 'apps/carrier/src/pod/attempt.sh');
/** Where there is no bash, programs are run by `sh`. */
const withoutBash = 'for bash in /bin/bash /usr/bin/bash; do mount --bind /dev/null $bash; done;';
const shells = [['bash', 'bash', ''], ['dash', 'dash', withoutBash], ['busybox', 'busybox sh', withoutBash]] as const;
const hasNamespaces = spawnSync('unshare', ['--pid', '--mount', '--fork', 'true']).status === 0;
const isThere = (shell: string) => spawnSync('sh', ['-c', `command -v ${shell.split(' ')[0]}`]).status === 0;

interface Container {
  readonly child: ChildProcess;
  readonly folder: string;
  /** Of the first process of the container, seen from outside. */
  signal(): Promise<void>;
  printed(): Promise<string>;
  ended(): Promise<number | null>;
}

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function run(shell: string, preparation: string, command: string, more: Readonly<Record<string, string>> = {}): Promise<Container> {
  const root = await mkdtemp(join(tmpdir(), 'polyaxon-attempt-'));
  folders.push(root);
  const folder = join(root, 'run');
  await mkdir(join(folder, 'code'), { recursive: true });
  await mkdir(join(root, 'secret'));
  await writeFile(join(root, 'secret/token'), 'the token\n');
  await writeFile(join(folder, 'console'), '');
  await writeFile(join(folder, 'attended'), '');
  await copyFile(script, join(folder, 'attempt.sh'));
  const child = spawn('unshare', ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', `${preparation} exec ${shell} ${folder}/attempt.sh`], {
    env: { PATH: process.env.PATH, POLYAXON_ATTEMPT_COMMAND: command, POLYAXON_GRACE_SECONDS: '30', ...more },
    stdio: 'ignore',
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const printed = () => readFile(join(folder, 'console'), 'utf8');
  return {
    child, folder, printed,
    async signal() {
      const [pid] = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).trim().split(' ');
      process.kill(Number(pid), 'SIGTERM');
    },
    ended: async () => (await exit)[0],
  };
}

for (const [name, shell, preparation] of shells) {
  const missing = !hasNamespaces ? 'namespaces' : !isThere(shell) ? name : undefined;
  if (missing !== undefined && process.env.CI !== undefined) throw new Error(`${missing} is missing: in CI nothing is skipped`);
  (missing === undefined ? describe : describe.skip)(`a container that is led by ${name}${missing === undefined ? '' : ` (${missing} is missing)`}`, () => {
    const start = (command: string, more?: Readonly<Record<string, string>>) => run(shell, preparation, command, more);

    it.each([
      ['a success', 'echo one; echo two >&2', 0, 'one\ntwo\n'],
      ['an exit code', 'exit 3', 3, ''],
      ['one killed', 'echo going; kill -KILL $$', 137, 'going\n'],
      ['the last words', 'printf last; exit 1', 1, 'last'],
    ])(
      'leaves the end of %s', async (_, command, code, text) => {
        const container = await start(command);
        expect(await container.ended()).toBe(code);
        expect(await readFile(join(container.folder, 'exit'), 'utf8')).toBe(`${code}\n`);
        expect(await container.printed()).toBe(text);
      });

    it('is in the folder of its code, knows its token, and not what it is called by', async () => {
      const container = await start('pwd; echo $POLYAXON_SECRET_USER_TOKEN $PYTHONPATH; env | grep -c POLYAXON_ATTEMPT');
      await container.ended();
      expect(await container.printed()).toBe(`${container.folder}/code\nthe token ${container.folder}/python\n0\n`);
    });

    it('begins when the carrier listens', async () => {
      const container = await start('echo begun');
      await rm(join(container.folder, 'attended'));
      await container.ended();
      expect(await container.printed()).toBe('begun\n'); // without one it begins nevertheless
    }, 30_000);

    it('leaves nothing behind', async () => {
      const container = await start('setsid sleep 300 & (sleep 300 &) ; sleep 0.1; exit 4');
      expect(await container.ended()).toBe(4);
    }, 10_000);

    it('lets a program write its checkpoint when it is asked to end', async () => {
      const container = await start(`trap 'sleep 0.2; echo saved; exit 7' TERM; echo ready; while :; do sleep 0.02; done`);
      await until('it is ready', async () => (await container.printed()).includes('ready'));
      await container.signal();
      expect(await container.ended()).toBe(7);
      expect(await container.printed()).toContain('saved');
    });

    it('gives the grace to the training, also when its wrapper leaves at once', async () => {
      const container = await start(`sh -c "trap 'sleep 0.3; echo saved; exit 0' TERM; echo ready; while :; do sleep 0.02; done"; echo done`);
      await until('it is ready', async () => (await container.printed()).includes('ready'));
      await container.signal();
      await container.ended();
      expect(await container.printed()).toContain('saved');
    });

    it('forces one that does not listen, once the grace is over', async () => {
      const container = await start(`trap '' TERM; echo ready; while :; do sleep 0.05; done`, { POLYAXON_GRACE_SECONDS: '0' });
      await until('it is ready', async () => (await container.printed()).includes('ready'));
      await container.signal();
      expect(await container.ended()).toBe(137);
    });

    it('runs the build steps before, and names the one that fails', async () => {
      const container = await start('echo run', { POLYAXON_ATTEMPT_PREAMBLE: '--- attempt 2 ---', POLYAXON_ATTEMPT_STEPS: '2', POLYAXON_ATTEMPT_STEP_1: `echo "it's one"`, POLYAXON_ATTEMPT_STEP_2: 'exit 5' });
      expect(await container.ended()).toBe(5);
      expect(await container.printed()).toBe(`--- attempt 2 ---\nbuild step 1 of 2: echo "it's one"\nit's one\nbuild step 2 of 2: exit 5\n`);
      expect(await readFile(join(container.folder, 'building'), 'utf8')).toBe('2 of 2 (exit 5)');
      const built = await start('echo run', { POLYAXON_ATTEMPT_STEPS: '1', POLYAXON_ATTEMPT_STEP_1: 'true' });
      expect(await built.ended()).toBe(0);
      expect(await readdir(built.folder)).not.toContain('building');
    });

    if (name === 'bash') {
      it('lets a program be interrupted', async () => {
        const container = await start('grep SigIgn /proc/self/status');
        await container.ended();
        expect(await container.printed()).toMatch(/SigIgn:\s+0{16}/);
      });
    }
  });
}

it('refuses to be anything but the first process', () => {
  const { status, stderr } = spawnSync('sh', [script], { encoding: 'utf8' });
  expect(status).toBe(125);
  expect(stderr).toContain('the first of a container only');
});
