// What must hold for every executor? Each adapter's spec calls this with a way to make one.
import type { ExperimentOrder } from '#contracts';
import { isLaunched, type AttemptId, type AttemptSpec, type Executor, type Launched, type Observation } from './executor.ts';

export interface ExecutorUnderTest {
  readonly executor: Executor;
  /** Another one of the same place, as after the first was killed. */
  another(): Promise<Executor>;
  consoleOf(attempt: AttemptId): Promise<string>;
  /** How many processes of it exist, escaped ones included. */
  count(attempt: AttemptId): Promise<number>;
  close(): Promise<void>;
}

export interface ContractTools {
  readonly open: () => Promise<ExecutorUnderTest>;
  readonly until: <Answer>(what: string, condition: () => Promise<Answer> | Answer, timeoutMs?: number) => Promise<NonNullable<Answer>>;
  /** A program that is to be seen running sleeps so long. */
  readonly lastsSeconds?: number;
  /** So many programs that end at once, eight at a time. */
  readonly shortOnes?: number;
}

export function specOf(experimentId: number, command: string, order: Partial<ExperimentOrder> = {}): AttemptSpec {
  const path = `mona/iris/experiments/${experimentId}`;
  const whole: ExperimentOrder = {
    experimentId, originalExperimentId: experimentId, uuid: 'u', projectId: 1, user: 'mona', project: 'iris', groupId: null, requestedBy: 'mona', requestedAt: '2026-11-22T10:00:00.000Z',
    name: null, description: null, tags: [], content: '', params: {}, environment: {}, codeRevision: null, outputsPath: path, logsPath: path, isManaged: true, ttlSeconds: null,
    ...order,
    command,
  };
  return { experimentId, attempt: 1, order: whole, cloningStrategy: null, sourceExperimentId: null };
}

type End = Observation & { readonly state: 'ended' };

/** The executor under test, and what is asked of it in every test. */
interface Bench extends ExecutorUnderTest {
  /** Asked until its program is there. */
  launched(spec: AttemptSpec, by?: Executor): Promise<Launched>;
  ended(id: AttemptId, by?: Executor): Promise<End>;
  printed(id: AttemptId, text: string): Promise<unknown>;
  /** Asked again and again, as the worker does. */
  stopped(id: AttemptId, graceSeconds: number): Promise<End>;
}

type Benched = () => Bench;

export function executorContract({ open, until, lastsSeconds = 0.3, shortOnes = 200 }: ContractTools): void {
  let bench: Bench;
  beforeAll(async () => {
    const under = await open();
    const endOf = async (id: AttemptId, by: Executor) => {
      const observation = await by.observe(id);
      return observation.state === 'ended' ? observation : undefined;
    };
    bench = {
      ...under,
      launched: (spec, by = under.executor) =>
        until(`${spec.experimentId} is launched`, async () => {
          const answer = await by.launch(spec);
          return isLaunched(answer) ? answer : undefined;
        }),
      ended: (id, by = under.executor) => until(`${id.experimentId} has ended`, () => endOf(id, by)),
      printed: (id, text) => until(`it prints ${text}`, async () => (await under.consoleOf(id)).includes(text)),
      stopped: (id, graceSeconds) =>
        until(`${id.experimentId} has stopped`, async () => {
          await under.executor.stop(id, graceSeconds);
          return endOf(id, under.executor);
        }),
    };
  });
  afterAll(() => bench.close());
  const benched = () => bench;
  describe('launching', () => launches(benched, lastsSeconds, shortOnes));
  describe('an end', () => ends(benched));
  describe('stopping', () => stops(benched));
}

function launches(bench: Benched, lastsSeconds: number, shortOnes: number): void {
  it('knows nothing of one that was never launched', async () => expect(await bench().executor.observe({ experimentId: 1, attempt: 1 })).toEqual({ state: 'absent' }));

  it('launches once, however often and by whomever it is asked', async () => {
    const spec = specOf(201, 'echo started; sleep 60');
    const first = await bench().launched(spec);
    const others = await Promise.all([bench().launched(spec), bench().launched(spec, await bench().another()), bench().launched(spec, await bench().another())]);
    for (const other of others) expect(other.console).toBe(first.console);
    await bench().printed(spec, 'started');
    await bench().stopped(spec, 0);
    expect(await bench().consoleOf(spec)).toBe('started\n');
  });

  it('launches once when two begin at the same moment', async () => {
    const spec = specOf(202, 'echo started');
    const another = await bench().another();
    await Promise.all([bench().launched(spec), bench().launched(spec, another)]);
    await bench().ended(spec);
    expect(await bench().consoleOf(spec)).toBe('started\n');
  });

  it('never launches one that was stopped before', async () => {
    const spec = specOf(206, 'echo started');
    await bench().executor.stop(spec, 30);
    expect(await bench().executor.observe(spec)).toEqual({ state: 'absent' });
    await expect(bench().executor.launch(spec)).rejects.toMatchObject({ name: 'LaunchFailed', reason: 'start' });
    expect(await bench().count(spec)).toBe(0);
  });

  it('is found again by another, with its true exit code', async () => {
    const spec = specOf(210, `echo ready; sleep ${lastsSeconds}; exit 42`);
    await bench().launched(spec);
    const another = await bench().another();
    expect(await another.observe(spec)).toEqual({ state: 'running' });
    expect(await bench().ended(spec, another)).toMatchObject({ exitCode: 42 });
  });

  it(`runs ${shortOnes} short ones, eight at a time`, async () => {
    const codes: (number | null)[] = [];
    const next = Array.from({ length: shortOnes }, (_, n) => specOf(1000 + n, `exit ${n % 5}`));
    const expected = next.map(({ experimentId }) => experimentId % 5);
    const run = async (): Promise<void> => {
      for (let spec = next.shift(); spec; spec = next.shift()) {
        await bench().launched(spec);
        codes[spec.experimentId - 1000] = (await bench().ended(spec)).exitCode;
      }
    };
    await Promise.all(Array.from({ length: 8 }, run));
    expect(codes).toEqual(expected);
  });
}

function ends(bench: Benched): void {
  it.each([
    ['a success', 'echo one; echo two >&2; echo three', 0, 'one\ntwo\nthree\n'],
    ['an exit code', 'exit 3', 3, ''],
    ['one killed by a signal', 'echo going; kill -KILL $$', 137, 'going\n'],
    ['one that dies at once', 'printf last', 0, 'last'],
  ])('tells the end of %s', async (_, command, exitCode, console) => {
    const spec = specOf(10 + exitCode + console.length, command);
    await bench().launched(spec);
    expect(await bench().ended(spec)).toMatchObject({ exitCode });
    expect(await bench().consoleOf(spec)).toBe(console);
  });

  it('tells what is wrong with a command that is not there', async () => {
    const spec = specOf(200, 'no-such-program --lr 0.1');
    await bench().launched(spec);
    expect(await bench().ended(spec)).toEqual({ state: 'ended', exitCode: 127, message: expect.stringContaining('no-such-program') as string });
    expect(await bench().consoleOf(spec)).toContain('no-such-program');
  });

  it('leaves no orphans behind an end', async () => {
    const spec = specOf(207, `setsid sh -c 'setsid sleep 300 & sleep 300' & env -i /bin/sleep 300 & sleep 0.1; exit 4`);
    await bench().launched(spec);
    expect(await bench().ended(spec)).toMatchObject({ exitCode: 4 });
    expect(await bench().count(spec)).toBe(0);
  });

  it('forgets', async () => {
    const spec = specOf(211, 'echo hello');
    await bench().launched(spec);
    await bench().ended(spec);
    await bench().executor.forget(spec, { keepConsole: true });
    expect(await bench().consoleOf(spec)).toBe('hello\n');
    await bench().executor.forget(spec);
    await bench().executor.forget(spec);
    expect(await bench().executor.observe(spec)).toEqual({ state: 'absent' });
  });
}

function stops(bench: Benched): void {
  it('asks before it forces', async () => {
    const spec = specOf(203, `trap 'echo saved; exit 7' TERM; echo ready; while :; do sleep 0.02; done`);
    await bench().launched(spec);
    await bench().printed(spec, 'ready');
    expect(await bench().stopped(spec, 30)).toMatchObject({ exitCode: 7 });
    expect(await bench().consoleOf(spec)).toContain('saved');
  });

  it('forces one that does not listen, once the grace is over', async () => {
    const spec = specOf(204, `trap '' TERM; echo ready; while :; do sleep 0.02; done`);
    await bench().launched(spec);
    await bench().printed(spec, 'ready');
    await bench().executor.stop(spec, 0.3);
    await bench().executor.stop(spec, 0.3);
    expect(await bench().executor.observe(spec)).toEqual({ state: 'running' });
    expect(await bench().stopped(spec, 0.3)).toMatchObject({ exitCode: 137 });
    expect(await bench().count(spec)).toBe(0);
  });

  it('gives the grace to the training, also when its wrapper leaves at once', async () => {
    const training = `trap 'sleep 0.3; echo saved the last checkpoint; exit 0' TERM; echo ready; while :; do sleep 0.02; done`;
    const spec = specOf(205, `sh -c "${training}"; echo done`);
    await bench().launched(spec);
    await bench().printed(spec, 'ready');
    await bench().stopped(spec, 30);
    expect(await bench().consoleOf(spec)).toContain('saved the last checkpoint');
  });

  it('leaves no orphans behind a stop', async () => {
    const spec = specOf(208, `setsid sh -c "trap '' TERM; while :; do sleep 0.05; done" & echo ready; sleep 300`);
    await bench().launched(spec);
    await bench().printed(spec, 'ready');
    await bench().stopped(spec, 0.2);
    expect(await bench().count(spec)).toBe(0);
  });

  it('keeps what is printed after it was asked to end', async () => {
    const spec = specOf(209, `trap 'for i in 1 2 3; do echo after $i; sleep 0.05; done; exit 0' TERM; echo ready; while :; do sleep 0.02; done`);
    await bench().launched(spec);
    await bench().printed(spec, 'ready');
    await bench().stopped(spec, 30);
    expect((await bench().consoleOf(spec)).split('\n').filter((line) => line.startsWith('after'))).toEqual(['after 1', 'after 2', 'after 3']);
  });
}
