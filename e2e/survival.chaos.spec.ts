// Is anything lost, or done twice, when parts of the platform are killed at random?
import { until } from '#testing';
import type { ExperimentBody } from '#contracts';
import { Platform, upload, type Part } from './platform.ts';
import { seeded } from './seeded.ts';

const commands = Number(process.env.CHAOS_COMMANDS ?? 200);
const kills = Number(process.env.CHAOS_KILLS ?? 60);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
/** `CHAOS_BUS=kafka`: on a real Kafka, which is killed as well. */
const bus = process.env.CHAOS_BUS ?? 'postgres';

/** Of a user whose command is answered by nobody while parts are away. */
const patienceMs = 120_000;

/** Says in its outputs when it starts and ends, and whether anybody else is writing there at the same time: the kernel keeps the lock, whoever dies. */
const program = `
import fcntl, json, os, random, signal, sys, time
out = os.environ['POLYAXON_RUN_OUTPUTS_PATH']
info = json.loads(os.environ['POLYAXON_EXPERIMENT_INFO'])
me = '%s %s' % (info['experiment_name'].split('.')[-1], info['attempt'])
def say(what):
    with open(os.path.join(out, 'writers.log'), 'a') as f:
        f.write('%s %s\\n' % (what, me))
lock = open(os.path.join(out, 'lock'), 'a')
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    say('overlap')
say('start')
def leave(*_):
    say('end')
    sys.exit(143)
signal.signal(signal.SIGTERM, leave)
lines = random.randint(1, 40)
for n in range(lines):
    print('line %d' % n, flush=True)
    time.sleep(random.random() * 0.05)
say('end')
print('last of %d' % lines, flush=True)
`;
const polyaxonfile = JSON.stringify({ version: 1, kind: 'experiment', params: { n: 0 }, run: { cmd: 'python3 program.py # {{ n }}' } });

let platform: Platform;
const acknowledged: ExperimentBody[] = [];
const refused = new Map<string, number>();
let random: () => number;

beforeAll(async () => {
  process.stderr.write(`CHAOS_SEED=${seed}\n`);
  random = seeded(seed);
  platform = await Platform.start({ POLYAXON_BUS: bus, POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '4' });
  await platform.api('POST', 'projects', { name: 'chaos' });
  await upload(platform, 'root/chaos', { 'program.py': program });
}, 120_000);
afterAll(() => platform.remove(), 60_000);

async function oneCommand(): Promise<void> {
  const { id } = acknowledged[Math.floor(random() * acknowledged.length)] ?? { id: 0 };
  const verb = id === 0 ? 'create' : pick({ create: 25, stop: 20, resume: 25, restart: 10, copy: 20 });
  const clone = { content: JSON.stringify({ params: { n: acknowledged.length } }) };
  const answer =
    verb === 'create'
      ? await platform.write('POST', 'root/chaos/experiments', { content: polyaxonfile, is_managed: true }, patienceMs)
      : await platform.write('POST', `root/chaos/experiments/${id}/${verb}`, verb === 'stop' ? {} : clone, patienceMs);
  if (answer.status === 201) acknowledged.push(answer.body);
  else if (answer.status >= 400) refused.set(`${verb} ${answer.body?.code}`, (refused.get(`${verb} ${answer.body?.code}`) ?? 0) + 1);
}

it(`${commands} commands and ${kills} kills lose nothing and do nothing twice`, async () => {
  const parts: Part[] = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector', 'postgres', ...(bus === 'kafka' ? ['kafka' as const] : [])];
  let answered = 0;
  const killer = (async () => {
    for (let kill = 0; kill < kills; kill += 1) {
      // Spread over the commands, whatever the speed of the machine; at an unpredictable moment of the one under way.
      await until(`command ${Math.floor((kill * commands) / kills)} is answered`, () => answered >= Math.floor((kill * commands) / kills), 120_000);
      await new Promise((done) => setTimeout(done, random() * 300));
      await platform.kill(parts[kill % parts.length] as Part);
    }
  })();
  const users = Array.from({ length: 4 }, async (_, user) => {
    for (let left = Math.ceil((commands - user) / 4); left > 0; left -= 1) {
      await oneCommand();
      answered += 1;
    }
  });
  await Promise.all([...users, killer]);

  await until('every experiment is done', async () => {
    const live = await platform.rows<{ id: number; last_status: string }>(`SELECT id, last_status FROM api_gateway.experiments WHERE last_status NOT IN ('succeeded','failed','stopped','upstream_failed')`);
    if (live.length > 0) throw new Error(`still live: ${live.map(({ id, last_status }) => `${id} ${last_status}`).join(', ')}`);
    return true;
  }, 60_000);
  process.stderr.write(`${acknowledged.length} experiments; refused: ${[...refused].map(([what, times]) => `${what} ${times}`).join(', ')}\n`);

  // Nothing acknowledged is lost, and nothing is there that nobody asked for.
  const ids = await platform.rows<{ id: number }>('SELECT id FROM api_gateway.experiments ORDER BY id');
  expect(ids.map(({ id }) => id)).toEqual(acknowledged.map(({ id }) => id).sort((a, b) => a - b));

  // Nothing was told twice, and nothing was given up.
  const twice = `SELECT data ->> 'experimentId' AS id, type, count(*) FROM event_store.messages
    WHERE type IN ('ExperimentDone', 'RunQueued', 'OutputsCopied', 'LogsArchived') GROUP BY 1, 2 HAVING count(*) > 1`;
  expect(await platform.rows(twice)).toEqual([]);
  expect(await platform.rows('SELECT * FROM event_store.dead_letters')).toEqual([]);

  // Every program that ran wrote alone, once for each attempt; a copy holds what its source had.
  for (const { id } of acknowledged) {
    const experiment = await platform.experiment(id);
    const writers = (platform.output(`${experiment.outputs_path}/writers.log`) ?? '').split('\n').filter(Boolean);
    expect(writers.filter((line) => line.startsWith('overlap'))).toEqual([]);
    const starts = writers.filter((line) => line.startsWith('start'));
    expect(new Set(starts).size).toBe(starts.length);
    if (experiment.last_status === 'succeeded') {
      expect(writers).toContain(`end ${id} ${experiment.attempt}`);
      const lines = platform.log(experiment).trimEnd().split('\n');
      const count = Number(/^last of (\d+)$/.exec(lines.at(-1) ?? '')?.[1]);
      expect(lines).toEqual([...Array.from({ length: count }, (_, n) => `line ${n}`), `last of ${count}`]);
    }
    if (experiment.cloning_strategy === 'copy' && experiment.last_status === 'succeeded') expect(starts.length).toBeGreaterThan(1);
  }
  expect(acknowledged.length).toBeGreaterThan(commands / 4);
}, 600_000);

function pick<Choice extends string>(weights: Readonly<Record<Choice, number>>): Choice {
  const entries = Object.entries(weights) as [Choice, number][];
  let at = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [choice, weight] of entries) if ((at -= weight) < 0) return choice;
  return entries[0]?.[0] as Choice;
}
