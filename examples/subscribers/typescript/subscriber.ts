// How long did runs take, by how they ended? A subscriber to run.events whose effects happen once, however often an event is heard.
import { readFileSync } from 'node:fs';
import { Kafka, logLevel, type IHeaders, type SASLOptions } from 'kafkajs';
import pg from 'pg';

const { KAFKA_BROKERS = '127.0.0.1:9092', KAFKA_TOPIC_PREFIX = '', KAFKA_GROUP = 'run-times', KAFKA_CA_FILE, KAFKA_USERNAME, KAFKA_PASSWORD = '' } = process.env;
const { DATABASE_URL, STATE_NAME = 'run_times' } = process.env;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 1 });
const schema = pg.escapeIdentifier(STATE_NAME);
// One transaction under a lock: instances that start at the same moment would stumble over each other.
await pool.query(`
  SELECT pg_advisory_xact_lock(hashtext('run-times'));
  CREATE SCHEMA IF NOT EXISTS ${schema};
  CREATE TABLE IF NOT EXISTS ${schema}.inbox (event_id uuid PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS ${schema}.started (run text PRIMARY KEY, at timestamptz NOT NULL);
  CREATE TABLE IF NOT EXISTS ${schema}.times (outcome text PRIMARY KEY, runs integer NOT NULL, seconds float NOT NULL);
`);

interface RunData {
  readonly experimentId: number;
  readonly attempt: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

const text = (headers: IHeaders | undefined, name: string) => String(headers?.[name] ?? '');

/** The effect, and the note that it has happened, in one transaction: both or neither. */
async function react(id: string, type: string, data: RunData): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rowCount } = await client.query(`INSERT INTO ${schema}.inbox VALUES ($1) ON CONFLICT DO NOTHING`, [id]);
    if (rowCount === 1) await effect(client, type, data);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error; // the client asks for the same event again
  } finally {
    client.release();
  }
}

async function effect(client: pg.PoolClient, type: string, { experimentId, attempt, startedAt, endedAt }: RunData): Promise<void> {
  const run = `${experimentId}/${attempt}`;
  if (type === 'RunStarted') await client.query(`INSERT INTO ${schema}.started VALUES ($1, $2) ON CONFLICT DO NOTHING`, [run, startedAt]);
  if (!['RunSucceeded', 'RunFailed', 'RunStopped'].includes(type)) return; // of other types, and of those to come, we want nothing
  const { rows } = await client.query<{ at: Date }>(`SELECT at FROM ${schema}.started WHERE run = $1`, [run]);
  const seconds = rows[0] && endedAt ? (Date.parse(endedAt) - rows[0].at.getTime()) / 1000 : 0;
  await client.query(
    `INSERT INTO ${schema}.times AS times VALUES ($1, 1, $2) ON CONFLICT (outcome) DO UPDATE SET runs = times.runs + 1, seconds = times.seconds + $2`,
    [type, seconds],
  );
}

async function listen(): Promise<void> {
  const kafka = new Kafka({
    clientId: 'run-times',
    brokers: KAFKA_BROKERS.split(','),
    logLevel: logLevel.ERROR,
    ...(KAFKA_CA_FILE && { ssl: { ca: [readFileSync(KAFKA_CA_FILE, 'utf8')] } }),
    ...(KAFKA_USERNAME && { sasl: { mechanism: 'plain', username: KAFKA_USERNAME, password: KAFKA_PASSWORD } as SASLOptions }),
  });
  const consumer = kafka.consumer({ groupId: KAFKA_GROUP, sessionTimeout: 10_000 });
  // A consumer that has given up must not look alive: whoever started us starts us again.
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) process.exit(1);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void consumer.disconnect().then(() => process.exit(0)));
  await consumer.connect();
  await consumer.subscribe({ topics: [`${KAFKA_TOPIC_PREFIX}run.events`], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { headers, value } }) => {
      const [, type = '', version] = /^\/schemas\/(\w+)\/v(\d+)$/.exec(text(headers, 'ce_dataschema')) ?? [];
      if (Number(version) !== 1) throw new Error(`${type} version ${version} is new here: look at docs/events, then go on`);
      await react(text(headers, 'ce_id'), type, JSON.parse(String(value)) as RunData);
    },
  });
}

if (process.argv.includes('--show')) {
  const { rows } = await pool.query(`SELECT outcome, runs, seconds FROM ${schema}.times ORDER BY outcome`);
  for (const row of rows) console.log(JSON.stringify(row));
  await pool.end();
} else await listen();
