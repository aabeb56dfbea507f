// What does a test of the bus under load need: consumers that are processes, writers with a journal, and an auditor?
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { EventStore, Recorded } from '#event-store';
import type { KafkaSettings } from '#messaging';
import { created, done } from '#testing';
import { root } from './platform.ts';

const by = { actor: 'load' };

export async function makeEffects(store: EventStore): Promise<void> {
  await store.pool.query('CREATE TABLE effects (n bigint GENERATED ALWAYS AS IDENTITY, message_id uuid NOT NULL, stream text NOT NULL, position bigint NOT NULL)');
}

export async function countEffects(store: EventStore): Promise<number> {
  return (await store.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM effects')).rows[0]?.count ?? 0;
}

/** Members of one group; each is ready to be the relay, as every service is. */
export class Consumers {
  readonly #members: ChildProcess[] = [];

  constructor(
    private readonly databaseUrl: string,
    /** Undefined: they hear each other through Postgres. */
    private readonly settings: KafkaSettings | undefined,
    count: number,
  ) {
    for (let n = 0; n < count; n += 1) this.start();
  }

  start(): void {
    const env = { PATH: process.env.PATH, LOUD: process.env.LOUD, DATABASE_URL: this.databaseUrl, ...(this.settings && { KAFKA_SETTINGS: JSON.stringify(this.settings) }) };
    this.#members.push(fork(join(root, 'dist/tools/load/consumer.js'), { env, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  }

  /** By SIGKILL, and replaced: now, or right after it has committed and before it has told the broker. Throws when it had died of anything else. */
  async kill(member: number, moment: 'now' | 'after its commit'): Promise<void> {
    const [victim] = this.#members.splice(member % this.#members.length, 1);
    if (!victim) throw new Error('there is nobody to kill');
    if (victim.exitCode !== null || victim.signalCode !== null) throw new Error(`a consumer has died by itself: ${victim.exitCode ?? victim.signalCode}`);
    const gone = once(victim, 'exit');
    if (moment === 'now') victim.kill('SIGKILL');
    else victim.send({ dieAfterCommit: true });
    const [code, signal] = (await gone) as [number | null, string | null];
    if (signal !== 'SIGKILL') throw new Error(`a consumer ended with ${signal ?? code}`);
    this.start();
  }

  /** Stands still, with all it holds, until it is sent `SIGCONT`. */
  signal(member: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#members[member]?.kill(signal);
  }

  /** How many have not died by themselves. */
  alive(): number {
    return this.#members.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null).length;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map(async (member) => {
      if (member.exitCode !== null || member.signalCode !== null) return;
      const gone = once(member, 'exit');
      member.kill('SIGKILL');
      await gone;
    }));
  }
}

/** The n-th event of a stream: the first creates. */
export const eventAt = (experiment: number, position: number) => (position === 0 ? created(experiment) : done(experiment));

/** Appends streams of `length` events each, on as many connections as there are writers; resolves with the ids of all. */
export async function appendStreams(store: EventStore, first: number, count: number, length: number, writers = 32): Promise<string[]> {
  const acknowledged: string[] = [];
  let next = first;
  const write = async () => {
    for (let experiment = next++; experiment < first + count; experiment = next++) {
      for (let position = 0; position < length; position += 1) {
        const [event] = await store.append(`experiment-${experiment}`, position - 1, [eventAt(experiment, position)], by);
        acknowledged.push((event as Recorded).id);
      }
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  return acknowledged;
}

export interface Audit {
  readonly acknowledged: number;
  /** Acknowledged, and not in the store. */
  readonly lost: number;
  /** In the store, and without an effect. */
  readonly unheard: number;
  /** Effects beyond the first of an event. */
  readonly doubled: number;
  /** Streams whose effects came in another order than their events. */
  readonly disordered: number;
  readonly deadLetters: number;
}

/** Independent of the programs that did the work: the client's journal against the tables. */
export async function audit({ pool }: EventStore, acknowledged: readonly string[]): Promise<Audit> {
  const count = async (sql: string, values: unknown[] = []) => (await pool.query<{ count: number }>(sql, values)).rows[0]?.count ?? Number.NaN;
  return {
    acknowledged: acknowledged.length,
    lost: await count('SELECT count(*)::int FROM unnest($1::uuid[]) AS said (id) WHERE NOT EXISTS (SELECT FROM event_store.messages m WHERE m.id = said.id)', [acknowledged]),
    unheard: await count('SELECT count(*)::int FROM event_store.messages m LEFT JOIN (SELECT DISTINCT message_id FROM effects) e ON e.message_id = m.id WHERE e.message_id IS NULL'),
    doubled: await count('SELECT (count(*) - count(DISTINCT message_id))::int AS count FROM effects'),
    disordered: await count(
      `SELECT count(DISTINCT stream)::int FROM (SELECT stream, position, lag(position) OVER (PARTITION BY stream ORDER BY n) AS before FROM
         (SELECT stream, position, min(n) AS n FROM effects GROUP BY stream, position) first) AS pair WHERE position <> coalesce(before, -1) + 1`,
    ),
    deadLetters: await count('SELECT count(*)::int FROM event_store.dead_letters'),
  };
}
