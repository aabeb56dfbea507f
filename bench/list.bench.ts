// Does page 500 of a hundred thousand experiments cost what page 1 costs?
import type { Pool } from 'pg';
import type { ExperimentBody, Page, ProjectBody } from '#contracts';
import { searchableExperiments } from '../apps/api-gateway/src/query/experiment-fields.ts';
import { countStatement, pageStatement } from '../apps/api-gateway/src/query/listing.ts';
import { parseQuery } from '../apps/api-gateway/src/query/parse-query.ts';
import { startGateway } from './gateway.ts';
import { addManyRuns, manyRuns as experiments } from './many-runs.ts';
import { correct, type BenchResult } from './result.ts';
import { inMemory, inScratch } from './scratch.ts';

const perPage = 20;
const lastPage = 500;
/** Half of them. */
const filter = 'metrics.loss: <=0.5';
const rounds = 200;
const warmUps = 40;
const pageGoal = 1.5;
const token = 'the-token-of-the-benchmark';

type Get = <Body>(path: string) => Promise<Body>;

export function bench(): Promise<BenchResult[]> {
  return inScratch(inMemory, async (folder, later) => {
    const { url, pool } = await startGateway(folder, later, token);
    const call = async <Body>(path: string, json?: object): Promise<Body> => {
      const headers = { authorization: `Token ${token}`, ...(json && { 'content-type': 'application/json' }) };
      const response = await fetch(`${url}${path}`, { headers, ...(json && { method: 'POST', body: JSON.stringify(json) }) });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as Body;
    };
    const get: Get = (path) => call(path);
    const { id } = await call<ProjectBody>('/projects', { name: 'many' });
    await addManyRuns(pool, id);
    await explained(pool, id);
    const list = `/root/many/experiments?query=${encodeURIComponent(filter)}`;
    const farByOffset = `${list}&offset=${(lastPage - 1) * perPage}`;
    const farByCursor = await walked(get, list);
    const [first, byOffset, byCursor] = [await ids(get, list), await ids(get, farByOffset), await ids(get, farByCursor)];
    correct('page 500 is the same by its offset and by the addresses in `next`, and another than page 1', byOffset.length === perPage && String(byOffset) === String(byCursor) && byOffset[0] !== first[0]);
    const sorted = `${list}&sort=${encodeURIComponent('-metrics.loss')}`;
    return [
      await compare('page 500, by its offset', get, list, farByOffset),
      await compare('page 500, by `next`', get, list, farByCursor),
      await compare('page 500 sorted by the metric', get, sorted, `${sorted}&offset=${(lastPage - 1) * perPage}`),
      await compare('page 2,450, by its offset', get, list, `${list}&offset=${experiments * 0.49}`, null),
    ];
  });
}

/** Taking turns, so that whatever else the machine does meets both. */
async function compare(name: string, get: Get, near: string, far: string, goal: number | null = pageGoal): Promise<BenchResult> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < warmUps + rounds; round += 1) {
    for (const [side, path] of [far, near].entries()) {
      const start = performance.now();
      await get(path);
      if (round >= warmUps) times[side]?.push(performance.now() - start);
    }
  }
  const [ours, theirs] = [p95(times[0]), p95(times[1])];
  return { name, peer: `page 1 of the same list; p95 of ${rounds}, median ${median(times[0]).toFixed(1)} and ${median(times[1]).toFixed(1)} ms`, ours, theirs, ratio: ours / theirs, goal, bound: 'at most', unit: 'ms' };
}

/** As somebody who follows `next` gets there. */
async function walked(get: Get, list: string): Promise<string> {
  let address = list;
  for (let page = 1; page < lastPage; page += 1) {
    const { next } = await get<Page<ExperimentBody>>(address);
    correct(`page ${page} has a next one`, next !== null);
    const { pathname, search } = new URL(next as string);
    address = pathname.replace(/^\/api\/v1/, '') + search;
  }
  return address;
}

async function ids(get: Get, path: string): Promise<number[]> {
  const { count, results } = await get<Page<ExperimentBody>>(path);
  correct('every page knows how many there are', Math.abs(count - experiments / 2) < experiments / 50);
  correct('what is listed has the metric', results.every(({ last_metric: { loss } }) => typeof loss === 'number' && loss <= 0.5));
  return results.map(({ id }) => id);
}

/** The plans of these very pages, as the gateway asks for them. */
async function explained(pool: Pool, projectId: number): Promise<void> {
  const search = { searchable: searchableExperiments, projectId, conditions: parseQuery(filter), keys: [] };
  const page = (skip: number) => pageStatement(search, 'all', { limit: perPage, skip, from: null, backwards: false });
  for (const [what, { text, values }] of [['page 1', page(0)], ['page 500', page((lastPage - 1) * perPage)], ['how many', countStatement(search, 'all')]] as const) {
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>({ text: `EXPLAIN (ANALYZE, COSTS OFF, SUMMARY OFF) ${text}`, values });
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    process.stderr.write(`${what}\n${plan.replaceAll(/^/gm, '  ')}\n`);
    correct(`${what} is read from an index alone`, /Index Only Scan/.test(plan) && !/Seq Scan/.test(plan));
  }
}

function p95(times: readonly number[]): number {
  return [...times].sort((one, other) => one - other)[Math.floor(times.length * 0.95)] ?? Number.NaN;
}

function median(times: readonly number[]): number {
  return [...times].sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.NaN;
}
