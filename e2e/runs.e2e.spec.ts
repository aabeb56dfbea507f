// Does a run live on whoever is killed, end when it is told to, and leave nothing behind?
import { readFileSync, writeFileSync } from 'node:fs';
import type { ExperimentBody } from '#contracts';
import { until } from '#testing';
import { history, project, run, statuses, stop, untilStopped, written } from './asking.ts';
import { Platform, processes, upload } from './platform.ts';

let platform: Platform;

/** Prints until it finds `go` in its outputs, which says with which code to exit. */
const counting = `
import os, sys, time
os.chdir(os.environ['POLYAXON_RUN_OUTPUTS_PATH'])
with open('starts', 'a') as f:
    f.write('%d\\n' % os.getpid())
n = 0
while not os.path.exists('go'):
    n += 1
    print('line %d' % n, flush=True)
    time.sleep(0.02)
print('last of %d' % n, flush=True)
sys.exit(int(open('go').read()))
`;
/** Each leaves the group and the session of the one before; the last also its environment. */
const daemons = `
import os, sys, time
def daemon(program, environment):
    if os.fork() == 0:
        os.setsid()
        if os.fork() > 0:
            os._exit(0)
        os.execvpe(program[0], program, environment)
daemon(['sh', '-c', 'trap "" TERM; while :; do sleep 601 & wait; done'], os.environ)
daemon(['sleep', '601'], os.environ)
if os.fork() == 0:
    os.execvpe('sleep', ['sleep', '601'], {'PATH': os.environ['PATH'], 'ORPHAN_OF': os.environ['POLYAXON_RUN_OUTPUTS_PATH']})
print('ready', flush=True)
open(os.environ['POLYAXON_RUN_OUTPUTS_PATH'] + '/model', 'w').close()
if len(sys.argv) > 1:
    time.sleep(600)
`;

const outputsOf = ({ outputs_path: path }: ExperimentBody) => platform.outputs(path);
const processesOf = (experiment: ExperimentBody) => processes().filter(({ environment }) => environment.includes(`=${outputsOf(experiment)}\0`));
const go = (experiment: ExperimentBody, code: number) => writeFileSync(`${outputsOf(experiment)}/go`, String(code));
const printed = (experiment: ExperimentBody, lines: number) =>
  until(`experiment ${experiment.id} has printed ${lines} lines`, () => platform.log(experiment).split('\n').length > lines, 30_000);

/** All that it printed, once and in order, by one process. */
function isComplete(experiment: ExperimentBody): void {
  const lines = platform.log(experiment).trimEnd().split('\n');
  const count = lines.length - 1;
  expect(count).toBeGreaterThan(0);
  expect(lines).toEqual([...Array.from({ length: count }, (_, n) => `line ${n + 1}`), `last of ${count}`]);
  expect(platform.output(`${experiment.outputs_path}/starts`)?.trim().split('\n')).toHaveLength(1);
}

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_GRACE_PERIOD_SECONDS: '20', POLYAXON_MAX_CONCURRENT_RUNS: '1' });
  await platform.api('POST', 'projects', { name: 'verbs' });
  await upload(platform, project, { 'counting.py': counting, 'daemons.py': daemons, 'code.txt': 'first\n' });
}, 60_000);
afterAll(() => platform.remove(), 60_000);

describe('a live run is adopted, with its true exit code and all it printed', () => {
  it('after kill -9 of the scheduler', async () => {
    const experiment = await run(platform, 'python3 counting.py');
    await written(platform, experiment, 'starts');
    await platform.kill('scheduler');
    await printed(experiment, 20);
    await platform.kill('scheduler');
    go(experiment, 7); // while nobody watches it
    const ended = await platform.done(experiment.id);
    expect(ended).toMatchObject({ last_status: 'failed', exit_code: 7, attempt: 1 });
    expect((await history(platform, experiment.id)).filter((type) => type === 'RunScheduled')).toHaveLength(1);
    isComplete(ended);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('after the whole platform ends by %s and starts again', async (signal) => {
    const experiment = await run(platform, 'python3 counting.py');
    await written(platform, experiment, 'starts');
    await printed(await platform.status(experiment.id, 'running'), 3);
    expect(await platform.down(signal)).toBe(signal === 'SIGTERM' ? 0 : null);
    expect(processesOf(experiment).length).toBeGreaterThan(0);
    await platform.up();
    expect((await platform.experiment(experiment.id)).last_status).toBe('running');
    await printed(experiment, 40);
    go(experiment, 0);
    const ended = await platform.done(experiment.id);
    expect(ended).toMatchObject({ last_status: 'succeeded', exit_code: 0, attempt: 1 });
    isComplete(ended);
  });

  it('also when it ended while the platform was away', async () => {
    const experiment = await run(platform, 'python3 counting.py');
    await written(platform, experiment, 'starts');
    await platform.down();
    go(experiment, 9);
    await until('it has ended', () => processesOf(experiment).length === 0);
    await platform.up();
    const ended = await platform.done(experiment.id);
    expect(ended).toMatchObject({ last_status: 'failed', exit_code: 9, attempt: 1 });
    isComplete(ended);
  });
});

describe('what the machine takes away', () => {
  it('goes on by itself, as another attempt in the same outputs, without max_restarts', async () => {
    const experiment = await run(platform, 'python3 counting.py');
    await printed(experiment, 5);
    for (const { pid } of processesOf(experiment)) process.kill(pid, 'SIGKILL');
    await until('it goes on by itself', async () => (await platform.experiment(experiment.id)).attempt === 2, 60_000);
    go(experiment, 0);
    const ended = await platform.done(experiment.id);
    expect(ended).toMatchObject({ last_status: 'succeeded', exit_code: 0, attempt: 2 });
    const said = /^attempt 1 was taken away.* vanished .*it goes on by itself from its last whole checkpoint, in 10 s \(1 of 50/;
    expect((await statuses(platform, experiment.id)).map(({ message }) => message)).toContainEqual(expect.stringMatching(said));
    expect(platform.output(`${experiment.outputs_path}/starts`)?.trim().split('\n')).toHaveLength(2);
    expect(platform.log(ended)).toMatch(/^line 1\n[^]*\n--- attempt 2 ---\n[^]*last of \d+\n$/);
    expect(await history(platform, experiment.id)).toEqual(expect.arrayContaining(['RunPreempted', 'ExperimentWorkLost']));
  }, 120_000);

  it('ends, when a stop is asked for in the pause', async () => {
    const experiment = await run(platform, 'python3 counting.py');
    await printed(experiment, 5);
    for (const { pid } of processesOf(experiment)) process.kill(pid, 'SIGKILL');
    await platform.status(experiment.id, 'warning');
    expect(await stop(platform, experiment.id)).toMatchObject({ last_status: 'stopped', attempt: 1 });
  }, 60_000);
});

describe('a stop', () => {
  it('lets the program save: SIGTERM first', async () => {
    const experiment = await run(platform, `trap 'echo saved > $POLYAXON_RUN_OUTPUTS_PATH/saved; exit 0' TERM; echo > $POLYAXON_RUN_OUTPUTS_PATH/model; while :; do sleep 0.02; done`);
    await written(platform, experiment, 'model');
    expect(await stop(platform, experiment.id)).toMatchObject({ last_status: 'stopped', exit_code: 0 });
    expect(platform.output(`${experiment.outputs_path}/saved`)).toBe('saved\n');
  });

  it('that is not heard is forced after the grace period, and not before', async () => {
    const deaf = `trap '' TERM; echo > $POLYAXON_RUN_OUTPUTS_PATH/model; while :; do sleep 0.02; done`;
    const experiment = await run(platform, deaf, { environment: { grace_period_seconds: 1 } });
    await written(platform, experiment, 'model');
    const asked = performance.now();
    expect(await stop(platform, experiment.id)).toMatchObject({ last_status: 'stopped', exit_code: 137 });
    expect(performance.now() - asked).toBeGreaterThan(1000);
    expect(performance.now() - asked).toBeLessThan(15_000); // the platform's own grace is 20 s
  });

  it('leaves no orphans, wherever they have hidden', async () => {
    const experiment = await run(platform, 'python3 daemons.py stay', { environment: { grace_period_seconds: 1 } });
    await written(platform, experiment, 'model');
    await until('all daemons are there', () => processesOf(experiment).length >= 4);
    expect((await stop(platform, experiment.id)).last_status).toBe('stopped');
    expect(processesOf(experiment)).toEqual([]);
  });

  it('of one that waits ends it without a process', async () => {
    const first = await run(platform, untilStopped);
    await written(platform, first, 'model');
    const waiting = await run(platform, 'echo it ran');
    expect(await stop(platform, waiting.id)).toMatchObject({ last_status: 'stopped', started_at: null });
    expect(await history(platform, waiting.id)).not.toContain('RunScheduled');
    await stop(platform, first.id);
  });
});

it('what a program leaves behind when it ends by itself ends with it', async () => {
  const experiment = await run(platform, 'python3 daemons.py');
  expect((await platform.done(experiment.id)).last_status).toBe('succeeded');
  expect(processesOf(experiment)).toEqual([]);
});

it('more runs than slots wait as created, with a reason', async () => {
  const first = await run(platform, untilStopped);
  await written(platform, first, 'model');
  const second = await run(platform, 'echo second');
  await until('it is said why it waits', async () => (await platform.experiment(second.id)).last_status_message);
  expect(await platform.experiment(second.id)).toMatchObject({ last_status: 'created', last_status_message: expect.stringContaining('POLYAXON_MAX_CONCURRENT_RUNS') });
  await stop(platform, first.id);
  expect((await platform.done(second.id)).last_status).toBe('succeeded');
  expect((await statuses(platform, second.id)).map(({ status }) => status)).toEqual(['created', 'created', 'scheduled', 'starting', 'running', 'succeeded']);
});

it('a command that does not exist fails with the message of the shell, in the logs and the status', async () => {
  const { id } = await run(platform, 'no-such-trainer --lr=1');
  const ended = await platform.done(id);
  expect(ended).toMatchObject({ last_status: 'failed', exit_code: 127, last_status_message: expect.stringMatching(/no-such-trainer.*not found/) });
  expect(platform.log(ended)).toMatch(/no-such-trainer.*not found/);
  expect((await statuses(platform, id)).at(-1)).toMatchObject({ status: 'failed', message: ended.last_status_message });
});

it('code is pinned: a later upload changes neither a running nor a waiting one', async () => {
  const late = 'echo > $POLYAXON_RUN_OUTPUTS_PATH/model; until [ -e $POLYAXON_RUN_OUTPUTS_PATH/go ]; do sleep 0.02; done; cat code.txt';
  const running = await run(platform, late);
  await written(platform, running, 'model');
  const waiting = await run(platform, 'cat code.txt');
  await upload(platform, project, { 'code.txt': 'second\n' });
  const later = await run(platform, 'cat code.txt');
  go(running, 0);
  const logs = await Promise.all([running, waiting, later].map(async ({ id }) => platform.log(await platform.done(id))));
  expect(logs).toEqual(['first\n', 'first\n', 'second\n']);
  expect(readFileSync(`${outputsOf(running)}/go`, 'utf8')).toBe('0');
});
