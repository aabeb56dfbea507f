// Is every line that a run prints seen at once, kept once, and there when the run is done?
import { WebSocket } from 'ws';
import type { ExperimentBody } from '#contracts';
import { until } from '#testing';
import { project, run, stop, untilStopped, written } from './asking.ts';
import { Platform, upload, type Said } from './platform.ts';

let platform: Platform;

/** When each line was printed, on the clock of this machine. */
const clock = `
import time
for n in range(40):
    print('%d %.3f' % (n, time.time() * 1000), flush=True)
    time.sleep(0.05)
`;
/** In bursts, for about two seconds. */
const numbered = `
import time
for burst in range(200):
    print('\\n'.join('line %d' % (burst * 100 + n) for n in range(100)), flush=True)
    time.sleep(0.01)
`;
const numberedLines = Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`).join('');

interface Stream {
  readonly lines: { readonly text: string; readonly at: number }[];
  readonly closed: Promise<number>;
}

/** As any client of the API listens. */
function listen({ id }: ExperimentBody): Stream {
  const socket = new WebSocket(`${platform.url.replace('http', 'ws')}/api/v1/${project}/experiments/${id}/logs/stream`, { headers: platform.authorization });
  const lines: Stream['lines'] = [];
  socket.on('message', (data: Buffer) => {
    const { log_lines: texts } = JSON.parse(data.toString()) as { log_lines: string[] | null };
    lines.push(...(texts ?? []).map((text) => ({ text, at: Date.now() })));
  });
  const closed = new Promise<number>((done, failed) => socket.once('error', failed).once('close', done));
  return { lines, closed };
}

const follow = (id: number): Promise<Said> => platform.cli(platform.folder, 'experiment', '-xp', `root.verbs.${id}`, 'logs', '-f');

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '4' });
  await platform.api('POST', 'projects', { name: 'verbs' });
  await upload(platform, project, { 'clock.py': clock, 'numbered.py': numbered });
}, 60_000);
afterAll(() => platform.remove(), 60_000);

it('stdout and stderr are kept in the order they were printed', async () => {
  const { id } = await run(platform, 'for n in $(seq 500); do echo out $n; echo err $n >&2; done');
  const expected = Array.from({ length: 500 }, (_, n) => `out ${n + 1}\nerr ${n + 1}\n`).join('');
  expect(platform.log(await platform.done(id))).toBe(expected);
  expect((await platform.api('GET', `${project}/experiments/${id}/logs`)).text).toBe(expected);
});

it('lines are seen over the WebSocket within moments', async () => {
  const experiment = await run(platform, 'python3 clock.py');
  const { lines, closed } = listen(experiment);
  expect(await closed).toBe(1000);
  expect(lines.map(({ text }) => text.split(' ')[0])).toEqual(Array.from({ length: 40 }, (_, n) => String(n)));
  // Those that were printed before anybody listened are no measure.
  const delays = lines.slice(10).map(({ text, at }) => at - Number(text.split(' ')[1])).sort((a, b) => a - b);
  expect(delays[delays.length >> 1]).toBeLessThan(100);
});

it('what a run printed is complete in run.log the moment it is seen as done, also when it dies at once', async () => {
  const deaths = ['echo last words; exit 5', 'printf "no newline"; kill -9 $$', 'echo only to stderr >&2'];
  const texts = ['last words\n', 'no newline\n', 'only to stderr\n'];
  const experiments = await Promise.all(Array.from({ length: 30 }, (_, n) => run(platform, deaths[n % 3] as string)));
  const logs = experiments.map(async ({ id }) => {
    for (;;) {
      const experiment = await platform.experiment(id);
      if (['succeeded', 'failed'].includes(experiment.last_status)) return platform.log(experiment);
    }
  });
  expect(await Promise.all(logs)).toEqual(experiments.map((_, n) => texts[n % 3]));
}, 60_000);

it('20,000 lines are neither missing nor doubled, nor for those who listen, when the log-collector is killed', async () => {
  const experiment = await run(platform, 'python3 numbered.py');
  const stream = listen(experiment);
  const followed = follow(experiment.id);
  for (const lines of [1000, 4000, 8000]) {
    await until(`${lines} lines are heard`, () => stream.lines.length >= lines, 60_000);
    await platform.kill('log-collector');
  }
  const ended = await platform.done(experiment.id);
  expect(platform.log(ended) === numberedLines).toBe(true); // no output of 20,000 lines when it is not
  expect(await stream.closed).toBe(1000);
  expect(stream.lines.map(({ text }) => `${text}\n`).join('') === numberedLines).toBe(true);
  const { code, out } = await followed;
  expect([code, out === numberedLines]).toEqual([0, true]);
});

describe('logs -f ends with the result of the run', () => {
  it.each([
    ['echo fine', 0, 'fine\n'],
    ['echo bad; exit 3', 1, 'bad\n'],
  ])('%s', async (cmd, code, out) => {
    const { id } = await run(platform, cmd);
    expect(await follow(id)).toMatchObject({ code, out });
    expect(await follow(id)).toMatchObject({ code, out }); // and when it is long over
  });

  it('a stop', async () => {
    const experiment = await run(platform, `echo on; ${untilStopped}`);
    const followed = follow(experiment.id);
    await written(platform, experiment, 'model');
    await stop(platform, experiment.id);
    expect(await followed).toMatchObject({ code: 1, out: 'on\n', err: expect.stringContaining(`polyaxon experiment -xp ${experiment.id} resume`) });
  });

  it('run -l follows it from the start', async () => {
    const folder = platform.workspace('run-l', { 'polyaxonfile.yml': 'version: 1\nkind: experiment\nrun:\n  cmd: echo one; echo two; exit 4\n' });
    expect((await platform.cli(folder, 'init', 'verbs')).code).toBe(0);
    const { code, out } = await platform.cli(folder, 'run', '-f', 'polyaxonfile.yml', '-l');
    expect([code, out]).toEqual([1, expect.stringMatching(/one\ntwo\n$/)]);
  });
});
