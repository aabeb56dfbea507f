// Does a real scheduler process, killed whenever it hurts most, neither lose nor double a run?
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExperimentOrder, ExperimentStopRequested, OutputsPrepared, RunEvent } from '#contracts';
import { openTestStore, until, type TestStore } from '#testing';
import { specOf } from './executors/executor-contract.ts';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const program = join(repository, 'dist/apps/scheduler/src/main.js');
const slots = 2;

describe('a scheduler process', () => {
  let test: TestStore;
  let home: string;
  let process_: ChildProcess | undefined;
  let said = '';
  let nextId = 1;

  beforeAll(async () => {
    if (!existsSync(program)) throw new Error(`${program} is missing: npm run build`);
    test = await openTestStore();
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'scheduler-'));
    process_ = start();
  });
  afterEach(async () => {
    await kill('SIGTERM');
    await rm(home, { recursive: true, force: true });
  });

  function start(): ChildProcess {
    said = '';
    const child = spawn(process.execPath, [program], {
      env: {
        PATH: process.env.PATH, HOME: home, POLYAXON_DATABASE_URL: test.url, POLYAXON_INTERNAL_TOKEN: 'internal', POLYAXON_RUN_TOKEN_SECRET: 'secret', POLYAXON_LOG_LEVEL: 'warn',
        POLYAXON_OUTPUTS_ROOT: join(home, 'outputs'), POLYAXON_LOGS_ROOT: join(home, 'logs'), POLYAXON_CODE_ROOT: join(home, 'code'), POLYAXON_RUNS_ROOT: join(home, 'runs'),
        POLYAXON_MAX_CONCURRENT_RUNS: String(slots), POLYAXON_RESTART_DELAY_SECONDS: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return child;
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    const child = process_;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  async function restart(): Promise<void> {
    await kill('SIGKILL');
    process_ = start();
  }

  /** As the gateway and the storage-manager would. */
  async function submit(command: string, order: Partial<ExperimentOrder> = {}): Promise<number> {
    const experimentId = nextId++;
    const { order: data } = specOf(experimentId, command, order);
    await test.store.append(`experiment-${experimentId}`, -1, [{ type: 'ExperimentCreated', data }], { actor: 'mona' });
    const prepared: OutputsPrepared = {
      type: 'OutputsPrepared',
      data: { experimentId, originalExperimentId: experimentId, outputsPath: data.outputsPath, preparedAt: data.requestedAt },
    };
    await test.store.append(`outputs-${experimentId}`, -1, [prepared], { actor: 'storage-manager' });
    return experimentId;
  }

  async function stop(experimentId: number): Promise<void> {
    const event: ExperimentStopRequested = { type: 'ExperimentStopRequested', data: { experimentId, requestedBy: 'mona', requestedAt: '2026-11-22T10:00:00.000Z' } };
    const { length } = await test.store.load(`experiment-${experimentId}`);
    await test.store.append(`experiment-${experimentId}`, length - 1, [event], { actor: 'mona' });
  }

  const history = async (experimentId: number) => (await test.store.load(`run-${experimentId}`)) as unknown as RunEvent[];
  const types = async (experimentId: number) => (await history(experimentId)).map(({ type }) => type);
  const heard = <Type extends RunEvent['type']>(experimentId: number, type: Type) =>
    until(`run ${experimentId} has ${type}; it said ${said}`, async () => (await history(experimentId)).find((event) => event.type === type) as (RunEvent & { type: Type }) | undefined, 20_000);
  const consoleOf = (experimentId: number) => readFile(join(home, 'runs', `${experimentId}-1`, 'console'), 'utf8').catch(() => '');
  const printed = (experimentId: number, text: string) => until(`run ${experimentId} prints ${text}`, async () => (await consoleOf(experimentId)).includes(text), 20_000);

  it('runs an experiment, and forgets it when its output is archived', async () => {
    const id = await submit('echo "$POLYAXON_RUN_OUTPUTS_PATH"; pwd');
    const { data } = await heard(id, 'RunSucceeded');
    expect(data).toMatchObject({ attempt: 1, wasStarted: true, exitCode: 0, message: null });
    expect(await types(id)).toEqual(['RunQueued', 'RunOutputsReady', 'RunScheduled', 'RunStarting', 'RunStarted', 'RunSucceeded']);
    expect((await heard(id, 'RunStarted')).data).toMatchObject({ console: `file://${home}/runs/${id}-1/console`, logsPath: `mona/iris/experiments/${id}` });
    expect(await consoleOf(id)).toBe(`${home}/outputs/mona/iris/experiments/${id}\n${home}/runs/${id}-1/code\n`);
    const archived = { experimentId: id, attempt: 1, sizeBytes: 1, lines: 1, lostBytes: 0, archivedAt: '2026-11-22T10:00:00.000Z' };
    await test.store.append(`logs-${id}`, -1, [{ type: 'LogsArchived', data: archived }], { actor: 'log-collector' });
    await until('its folder is gone', async () => (await readdir(join(home, 'runs'))).length === 0);
  });

  it('fails what can not be started', async () => {
    const id = await submit('true', { codeRevision: 'ab'.repeat(32) });
    expect((await heard(id, 'RunFailed')).data).toMatchObject({ attempt: 1, wasStarted: false, reason: 'code', message: expect.stringContaining('abab') });
    await until('its folder is gone', async () => (await readdir(join(home, 'runs'))).length === 0);
  });

  it('keeps to its slots, oldest first, and says why the others wait', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 4; n += 1) ids.push(await submit(`echo ready; while [ ! -e ../../../go-${nextId} ]; do sleep 0.02; done`));
    const [first, second, third, fourth] = ids as [number, number, number, number];
    await heard(first, 'RunStarted');
    await heard(second, 'RunStarted');
    expect((await heard(third, 'RunHeld')).data.reason).toMatch('2 slots (POLYAXON_MAX_CONCURRENT_RUNS)');
    await heard(fourth, 'RunHeld');
    const leave = (id: number) => writeFile(join(home, `go-${id}`), '');
    await leave(second);
    await heard(third, 'RunStarted');
    expect(await types(fourth)).toEqual(['RunQueued', 'RunOutputsReady', 'RunHeld']);
    await Promise.all(ids.map(leave));
    for (const id of ids) await heard(id, 'RunSucceeded');
    expect(await types(third)).toEqual(['RunQueued', 'RunOutputsReady', 'RunHeld', 'RunScheduled', 'RunStarting', 'RunStarted', 'RunSucceeded']);
  });

  it('stops a waiting one at once, and a live one twice as if once', async () => {
    const live = [await submit('sleep 60'), await submit('sleep 60')];
    for (const id of live) await heard(id, 'RunStarted');
    const waiting = await submit('echo never');
    await heard(waiting, 'RunHeld');
    await stop(waiting);
    expect((await heard(waiting, 'RunStopped')).data).toMatchObject({ attempt: 0, wasStarted: false });
    for (const id of live) await stop(id);
    for (const id of live) await stop(id);
    for (const id of live) expect((await heard(id, 'RunStopped')).data).toMatchObject({ attempt: 1, wasStarted: true, exitCode: 143 });
    for (const id of live) expect((await types(id)).filter((type) => type === 'RunStopRequested' || type === 'RunStopped')).toEqual(['RunStopRequested', 'RunStopped']);
  });

  it('takes a copy that was cancelled for a stop that it has not heard of yet', async () => {
    const experimentId = nextId++;
    const { order: data } = specOf(experimentId, 'echo never', {});
    const at = data.requestedAt;
    await test.store.append(`outputs-${experimentId}`, -1, [
      { type: 'OutputsCopyStarted', data: { experimentId, originalExperimentId: experimentId, outputsPath: 'x', sourceExperimentId: 1, sourceOutputsPath: 'y', startedAt: at } },
      { type: 'OutputsCopyFailed', data: { experimentId, originalExperimentId: experimentId, outputsPath: 'x', sourceExperimentId: 1, reason: 'cancelled', message: 'The copy was cancelled.', failedAt: at } },
    ], { actor: 'storage-manager' });
    await test.store.append(`experiment-${experimentId}`, -1, [{ type: 'ExperimentCreated', data }], { actor: 'mona' });
    expect((await heard(experimentId, 'RunStopped')).data).toMatchObject({ attempt: 0, wasStarted: false, message: null });
  });

  it('kills one that does not listen, after the grace its polyaxonfile gives', async () => {
    const id = await submit(`trap '' TERM; echo ready; while :; do sleep 0.02; done`, { environment: { grace_period_seconds: 0 } });
    await printed(id, 'ready');
    await stop(id);
    expect((await heard(id, 'RunStopped')).data).toMatchObject({ exitCode: 137 });
  });

  it('is killed while a run goes on, and its successor finds it with its true exit code', async () => {
    const id = await submit('echo ready; while [ ! -e ../../../go ]; do sleep 0.02; done; exit 42');
    await heard(id, 'RunStarted');
    await printed(id, 'ready');
    await kill('SIGKILL');
    await writeFile(join(home, 'go'), ''); // it ends while nobody is there
    await until('it has ended', () => existsSync(join(home, 'runs', `${id}-1`, 'exit')));
    process_ = start();
    expect((await heard(id, 'RunFailed')).data).toMatchObject({ attempt: 1, exitCode: 42, reason: 'program' });
  });

  it('goes on with a run that was killed from outside, in the same outputs, once those were looked at again', async () => {
    const id = await submit('mkdir -p $POLYAXON_RUN_OUTPUTS_PATH; echo try >>$POLYAXON_RUN_OUTPUTS_PATH/tries; echo ready; [ $(wc -l <$POLYAXON_RUN_OUTPUTS_PATH/tries) -gt 1 ] || sleep 300');
    await printed(id, 'ready');
    process.kill(Number(await readFile(join(home, 'runs', `${id}-1`, 'claim'), 'utf8')), 'SIGKILL');
    const { data } = await heard(id, 'RunPreempted');
    expect(data).toMatchObject({ attempt: 1, wasStarted: true, exitCode: null, cause: 'infrastructure', preemptions: 1, preemptionsAllowed: 50, outputs: { originalExperimentId: id, forced: false } });
    const prepared: OutputsPrepared = { type: 'OutputsPrepared', data: { experimentId: id, originalExperimentId: id, outputsPath: 'x', attempt: 2, preparedAt: data.endedAt } };
    await test.store.append(`outputs-${id}`, 0, [prepared], { actor: 'storage-manager' });
    expect((await heard(id, 'RunSucceeded')).data).toMatchObject({ attempt: 2, exitCode: 0 });
    expect((await types(id)).slice(4)).toEqual(['RunStarted', 'RunPreempted', 'RunOutputsReady', 'RunScheduled', 'RunStarting', 'RunStarted', 'RunSucceeded']);
  });

  it('is killed while one is being stopped, and its successor goes on with it', async () => {
    const id = await submit(`trap '' TERM; echo ready; while :; do sleep 0.02; done`, { environment: { grace_period_seconds: 1 } });
    await printed(id, 'ready');
    await stop(id);
    await until('it was asked to end', () => existsSync(join(home, 'runs', `${id}-1`, 'stopping')));
    await restart();
    expect((await heard(id, 'RunStopped')).data).toMatchObject({ exitCode: 137 });
  });

  it('is killed again and again, and each run is run once', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 24; n += 1) ids.push(await submit(`echo line >>../../../ran-${nextId}; exit ${n % 3}`));
    for (const at of [3, 8, 14, 20]) {
      await until(`run ${ids[at]} is scheduled`, async () => (await types(ids[at] as number)).includes('RunScheduled'), 20_000);
      await restart();
    }
    for (const [n, id] of ids.entries()) {
      const end = await until(`run ${id} has ended; the scheduler said ${said}`, async () => (await history(id)).find(({ type }) => type === 'RunSucceeded' || type === 'RunFailed'), 30_000);
      expect(end.data).toMatchObject({ attempt: 1, exitCode: n % 3 });
      expect(await readFile(join(home, `ran-${id}`), 'utf8')).toBe('line\n');
      expect((await types(id)).filter((type) => type === 'RunStarted' || type === 'RunSucceeded' || type === 'RunFailed')).toHaveLength(2);
    }
  });
});
