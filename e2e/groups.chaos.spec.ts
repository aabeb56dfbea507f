// Does a group keep its word, never more members at once than it says and every one accounted for, while the scheduler is killed?
import type { ExperimentBody, GroupBody } from '#contracts';
import { until } from '#testing';
import { Platform } from './platform.ts';

/** As a release is tried: GROUP_MEMBERS=200 GROUP_KILLS=5. */
const members = Number(process.env.GROUP_MEMBERS ?? 40);
const kills = Number(process.env.GROUP_KILLS ?? 2);
const concurrency = 10;

let platform: Platform;

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_MAX_CONCURRENT_RUNS: '16' });
  await platform.api('POST', 'projects', { name: 'sweep' });
}, 120_000);
afterAll(() => platform.remove(), 120_000);

const counted = async (id: number): Promise<GroupBody> => (await platform.api('GET', `root/sweep/groups/${id}`)).body as GroupBody;

/** The most that were open at once; an end comes before a beginning of the same moment. */
function most(stamps: readonly (readonly [at: bigint, change: 1 | -1])[]): number {
  let [now, highest] = [0, 0];
  for (const [, change] of [...stamps].sort(([a, up], [b, down]) => (a < b ? -1 : a > b ? 1 : up - down))) highest = Math.max(highest, (now += change));
  return highest;
}

it(`${members} members, ${concurrency} at once, and ${kills} kills of the scheduler`, async () => {
  const cmd = 'date +"start %s%N" >> $POLYAXON_RUN_OUTPUTS_PATH/stamps; sleep 0.3; date +"end %s%N" >> $POLYAXON_RUN_OUTPUTS_PATH/stamps # {{ n }}';
  const content = JSON.stringify({ version: 1, kind: 'group', hptuning: { concurrency, matrix: { n: { range: `0:${members}:1` } } }, run: { cmd } });
  const made = await platform.api('POST', 'root/sweep/groups', { content });
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
  const { id } = made.body as GroupBody;

  for (let kill = 1; kill <= kills; kill += 1) {
    const enough = Math.floor((kill * members) / (kills + 1));
    await until(`${enough} members have ended`, async () => (await counted(id)).num_succeeded_experiments >= enough, 600_000);
    await platform.kill('scheduler');
  }
  const done = await until('the group is done', async () => {
    const body = await counted(id);
    return body.finished_at === null ? null : body;
  }, 900_000);
  expect(done).toMatchObject({ last_status: 'done', last_status_message: null, num_experiments: members, num_succeeded_experiments: members });

  const { results } = (await platform.api('GET', `root/sweep/experiments?group=${id}&limit=500`)).body as { results: ExperimentBody[] };
  const written = results.map(({ outputs_path: path }) => platform.output(`${path}/stamps`) ?? '');
  expect(written.filter((text) => !/^start \d+\nend \d+\n$/.test(text))).toEqual([]); // each ran once, from its beginning to its end
  expect(results.map(({ params }) => params.n as number).sort((a, b) => a - b)).toEqual(Array.from({ length: members }, (_, n) => n));

  const stamps = written.flatMap((text) => [...text.matchAll(/(start|end) (\d+)/g)].map(([, what, at]) => [BigInt(at as string), what === 'start' ? 1 : -1] as const));
  const events = await platform.rows<{ type: string }>(
    `SELECT type FROM event_store.messages WHERE stream_name = ANY ($1) AND type IN ('RunScheduled', 'RunSucceeded', 'RunFailed', 'RunStopped', 'RunPreempted') ORDER BY transaction_id, global_position`,
    [results.map((member) => `run-${member.id}`)],
  );
  const scheduled = most(events.map(({ type }, at) => [BigInt(at), type === 'RunScheduled' ? 1 : -1] as const));
  process.stderr.write(`at once: ${most(stamps)} programs, ${scheduled} by the events, of ${concurrency}; ${results.length} members, ${kills} kills\n`);
  expect(scheduled).toBe(concurrency);
  expect(most(stamps)).toBeLessThanOrEqual(concurrency);
}, 1_800_000);

it('a gateway that is killed while it makes the members leaves none out and makes none twice', async () => {
  const matrix = { n: { range: '0:60:1' } };
  const content = JSON.stringify({ version: 1, kind: 'group', hptuning: { concurrency: 1, matrix }, run: { cmd: 'sleep 600 # {{ n }}' } });
  const { id } = (await platform.api('POST', 'root/sweep/groups', { content })).body as GroupBody;
  const membersMade = `SELECT (data -> 'params' ->> 'n')::int AS n FROM event_store.messages WHERE type = 'ExperimentCreated' AND (data ->> 'groupId')::int = $1`;
  const made = async () => (await platform.rows<{ n: number }>(membersMade, [id])).map(({ n }) => n);
  for (const some of [5, 25]) {
    await until(`${some} members are made`, async () => (await made()).length >= some, 60_000);
    await platform.kill('api-gateway');
  }
  await until('all members are made', async () => (await made()).length >= 60, 120_000);
  expect((await platform.write('POST', `root/sweep/groups/${id}/stop`)).status).toBe(200);
  await until('the group is stopped', async () => (await counted(id)).last_status === 'stopped', 120_000);
  expect((await made()).sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, n) => n));
  expect(await counted(id)).toMatchObject({ num_experiments: 60, num_stopped_experiments: 60 });
}, 300_000);
