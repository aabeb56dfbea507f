// What does the benchmark of the bus run on: a real Kafka, a database, and a process for each side?
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { createEventStore, EventStore, openPool, startEmbeddedPostgres } from '#event-store';
import type { KafkaSettings } from '#messaging';
import { created } from '#testing';
import { startKafka } from '../../tools/stack/kafka/broker.ts';
import { provideKafka } from '../../tools/stack/kafka/provide.ts';
import type { Undo } from '../scratch.ts';

export const kafkaVersion = '4.2.0';
export const connections = 32;

/** A process that does as it is told, one thing after the other. */
export class Side<Order extends string> {
  private constructor(private readonly child: ChildProcess) {}

  static async start<Order extends string>(program: string, env: NodeJS.ProcessEnv, later: (undo: Undo) => void): Promise<Side<Order>> {
    const child = fork(new URL(program, import.meta.url), { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
    later(async () => child.kill('SIGKILL'));
    const side = new Side<Order>(child);
    await side.#answer();
    return side;
  }

  async ask<Answer>(order: Order): Promise<Answer> {
    const answer = this.#answer<Answer>();
    this.child.send(order);
    return answer;
  }

  #answer<Answer>(): Promise<Answer> {
    return new Promise((done, failed) => {
      const gone = (code: number | null) => failed(new Error(`a process of the benchmark ended with ${code}`));
      this.child.once('exit', gone).once('message', (answer) => {
        this.child.removeListener('exit', gone);
        done(answer as Answer);
      });
    });
  }
}

export interface Parts {
  readonly url: string;
  readonly store: EventStore;
  readonly settings: KafkaSettings;
}

export async function startParts(folder: string, later: (undo: Undo) => void): Promise<Parts> {
  await provideKafka(kafkaVersion, (line) => void process.stderr.write(`${line}\n`));
  const server = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
  later(() => server.stop());
  const broker = await startKafka({ folder: join(folder, 'kafka'), version: kafkaVersion });
  later(() => broker.stop());
  const pool = openPool(server.url, { max: connections, name: 'bench writers' });
  later(() => pool.end());
  await createEventStore(pool);
  await Promise.all(Array.from({ length: connections }, () => pool.query('SELECT pg_sleep(0.05)'))); // connected, each of them
  const settings = { brokers: [broker.address], topicPrefix: `${randomBytes(4).toString('hex')}.`, partitions: 6, replicationFactor: 1 };
  return { url: server.url, store: new EventStore(pool), settings };
}

let streams = 0;

/** Its id, and when it was acknowledged, on the clock that all processes share. */
export type Appended = readonly [id: string, atMs: number];

/** One event in a stream of its own. */
export async function append(store: EventStore): Promise<Appended> {
  const [event] = await store.append(`experiment-${(streams += 1)}`, -1, [created(23)], { actor: 'bench' });
  return [event?.id ?? '', now()];
}

/** As many at once as there are connections; each goes on as soon as it is acknowledged. */
export async function onAllConnections<Result>(count: number, work: (n: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) results.push(await work(n));
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return results;
}

/** A second pool, for looking on; not one of the 32. */
export async function looking<Result>(url: string, look: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await look(client);
  } finally {
    await client.end();
  }
}

export const now = (): number => performance.timeOrigin + performance.now();
