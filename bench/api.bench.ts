// How much of Fastify's speed is left when the gateway answers?
import autocannon from 'autocannon';
import type { Pool } from 'pg';
import type { ExperimentBody } from '#contracts';
import { portOf, startGateway } from './gateway.ts';
import { correct, takingTurns, type BenchResult } from './result.ts';
import { inMemory, inScratch, type Undo } from './scratch.ts';

const connections = 40;
const seconds = 3;
/** Nest and its plugins are much more code than a bare route, so they take longer to be compiled well. */
const warmUps = 4;
const token = 'the-token-of-the-benchmark';
const authorization = `Token ${token}`;
const readGoal = 0.65;
const writeGoal = 0.5;
const newExperiment = { description: 'a tracked experiment', tags: ['bench', 'tracked'], is_managed: false };

interface Servers {
  readonly ours: string;
  readonly theirs: string;
  readonly pool: Pool;
}

export function bench(): Promise<BenchResult[]> {
  return inScratch(inMemory, async (folder, later) => {
    const servers = await start(folder, later);
    for (const name of ['read', 'written']) await call(servers.ours, 'POST', '/projects', { name });
    return [await reads(servers), await writes(servers)];
  });
}

async function reads({ ours, theirs }: Servers): Promise<BenchResult> {
  const { id } = await call<ExperimentBody>(ours, 'POST', '/root/read/experiments', newExperiment);
  const path = `/root/read/experiments/${id}`;
  const [mine, other] = [await call<ExperimentBody>(ours, 'GET', path), await call<ExperimentBody>(theirs, 'GET', path)];
  correct('both answer with the same experiment', mine.id === id && other.id === id && mine.uuid === other.uuid && mine.last_status === other.last_status);
  const rate = async (url: string) => (await cannonade(url, path, 'GET')).perSecond;
  const measured = await takingTurns({ ours: () => rate(ours), theirs: () => rate(theirs) }, { warmUps });
  return { name: 'API read', peer: 'bare Fastify, same queries', ...measured, goal: readGoal, bound: 'at least', unit: 'requests/s' };
}

async function writes({ ours, theirs, pool }: Servers): Promise<BenchResult> {
  const rate = async (url: string) => {
    await pool.query('TRUNCATE event_store.messages, api_gateway.experiment_statuses, api_gateway.experiment_params, api_gateway.code_references, api_gateway.experiments');
    const { perSecond, answered } = await cannonade(url, '/root/written/experiments', 'POST', newExperiment);
    const { rows, events } = await written(pool);
    // What was under way when the time was up was written and not answered.
    correct(`${answered} experiments were answered; ${rows} rows and ${events} events are there`, rows === events && rows >= answered && rows <= answered + connections);
    return perSecond;
  };
  const measured = await takingTurns({ ours: () => rate(ours), theirs: () => rate(theirs) }, { warmUps });
  return { name: 'API validated write', peer: 'bare Fastify, same statements', ...measured, goal: writeGoal, bound: 'at least', unit: 'requests/s' };
}

/** Both in one look, which is repeated until nothing is under way any more. */
async function written(pool: Pool): Promise<{ rows: number; events: number }> {
  for (let before = -1; ; ) {
    const { rows: [found] } = await pool.query<{ rows: number; events: number }>(
      `SELECT (SELECT count(*)::int FROM api_gateway.experiments WHERE project_name = 'written') AS rows, count(*)::int AS events FROM event_store.messages WHERE type = 'ExperimentCreated'`,
    );
    if (found && found.rows === before) return found;
    before = found?.rows ?? -1;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function cannonade(url: string, path: string, method: 'GET' | 'POST', body?: object): Promise<{ perSecond: number; answered: number }> {
  const headers = { authorization, ...(body && { 'content-type': 'application/json' }) };
  const result = await autocannon({ url: `${url}${path}`, method, headers, connections, duration: seconds, ...(body && { body: JSON.stringify(body) }) });
  correct(`${method} ${path} was never refused (${result.non2xx} times) and never failed (${result.errors} times)`, result.non2xx === 0 && result.errors === 0 && result['2xx'] > 0);
  return { perSecond: result['2xx'] / result.duration, answered: result['2xx'] };
}

async function call<Body>(url: string, method: string, path: string, json?: object): Promise<Body> {
  const response = await fetch(`${url}${path}`, { method, headers: { authorization, ...(json && { 'content-type': 'application/json' }) }, ...(json && { body: JSON.stringify(json) }) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}

/** Both on the same database. */
async function start(folder: string, later: (undo: Undo) => void): Promise<Servers> {
  const { url, pool, run } = await startGateway(folder, later, token);
  return { ours: url, theirs: `http://127.0.0.1:${await portOf(run('./bare-api.js'))}/api/v1`, pool };
}
