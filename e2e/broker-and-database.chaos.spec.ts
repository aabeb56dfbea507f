// Is anything that was acknowledged lost, or out of order, when the broker and the database are killed under load?
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventStore, EventStore, openPool, startEmbeddedPostgres, VersionConflict, type EmbeddedPostgres } from '#event-store';
import { describeWithKafka, kafkaSettings, killAllIn, until, type TestKafka } from '#testing';
import { audit, Consumers, countEffects, eventAt, makeEffects } from './load.ts';
import { seeded } from './seeded.ts';
import { firstOnTopic } from './topic.ts';

const brokerKills = Number(process.env.LOAD_BROKER_KILLS ?? 1);
const databaseKills = Number(process.env.LOAD_DATABASE_KILLS ?? 2);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

const members = 2;
const connections = 32;
const perStream = 10;
/** So that the load goes on from the first kill to the last, whatever the machine. */
const perSecond = 400;
const patience = 120_000;

/** What it says of itself; with any of these off, an acknowledged commit may be gone after a power cut. */
const durable = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' };

class Database {
  private constructor(
    readonly store: EventStore,
    private readonly folder: string,
    private server: EmbeddedPostgres,
  ) {}

  static async start(): Promise<Database> {
    const folder = await mkdtemp(join(tmpdir(), 'polyaxon-load-'));
    const server = await startEmbeddedPostgres({ folder });
    const pool = openPool(server.url, { max: connections + 8, name: 'load' });
    await createEventStore(pool);
    return new Database(new EventStore(pool), folder, server);
  }

  get url(): string {
    return this.server.url;
  }

  /** All of its processes at once, and then it is started again in the same place. */
  async kill(): Promise<number> {
    const killed = await killAllIn(join(this.folder, 'data'));
    await this.server.exited;
    this.server = await startEmbeddedPostgres({ folder: this.folder, port: Number(new URL(this.url).port) });
    return killed;
  }

  async settings(): Promise<object> {
    const { rows } = await this.store.pool.query<{ name: string; setting: string }>('SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [Object.keys(durable)]);
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  }

  async close(): Promise<void> {
    await this.store.pool.end();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** 32 of them; each goes on with its stream after an error, from where the stream is. */
class Writers {
  readonly acknowledged: string[] = [];
  /** Nobody knows whether they are there. */
  unanswered = 0;
  #stopping = false;
  readonly #all: Promise<unknown>;

  constructor(private readonly store: EventStore) {
    this.#all = Promise.all(Array.from({ length: connections }, (_, writer) => this.#write(writer)));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#all;
  }

  async #write(writer: number): Promise<void> {
    for (let experiment = 1 + writer; !this.#stopping; experiment += connections) {
      for (let position = 0; position < perStream; ) {
        try {
          const [event] = await this.store.append(`experiment-${experiment}`, position - 1, [eventAt(experiment, position)], { actor: 'load' });
          if (event) this.acknowledged.push(event.id);
          position += 1;
        } catch (error) {
          // Told by the check of the version: the answer was lost, the event was not.
          if (error instanceof VersionConflict) position += 1;
          else this.unanswered += 1;
        }
        await new Promise((resolve) => setTimeout(resolve, (1000 * connections) / perSecond));
      }
    }
  }
}

interface Parts {
  readonly database: Database;
  readonly kafka: TestKafka;
  readonly writers: Writers;
}

/** The next kill waits until the whole chain works again, so that each of them hits something that works. */
async function works({ database: { store }, writers }: Parts): Promise<void> {
  const [said, heard] = [writers.acknowledged.length, await until('the database answers', () => countEffects(store), patience)];
  await until('appends are acknowledged and heard again', async () => writers.acknowledged.length > said + 100 && (await countEffects(store)) > heard + 100, patience);
}

async function killThem(parts: Parts, random: () => number): Promise<void> {
  const { database, kafka } = parts;
  const whom = [...Array<'broker'>(brokerKills).fill('broker'), ...Array<'database'>(databaseKills).fill('database')].sort(() => random() - 0.5);
  for (const one of whom) {
    await works(parts);
    await new Promise((resolve) => setTimeout(resolve, random() * 300)); // at any moment of whatever goes on
    if (one === 'broker') {
      process.kill(-kafka.broker.pid, 'SIGKILL');
      await kafka.broker.exited;
      await kafka.restart();
    } else {
      expect(await database.kill()).toBeGreaterThan(5); // the server and its children
      expect(await database.settings()).toEqual(durable);
    }
  }
  await works(parts);
}

describeWithKafka('4.2.0', (kafka) => {
  it(`nothing acknowledged is lost in ${brokerKills} kills of the broker and ${databaseKills} of the database`, async () => {
    const database = await Database.start();
    const { store } = database;
    const settings = await kafkaSettings(kafka.broker);
    let consumers: Consumers | undefined;
    try {
      expect(await database.settings()).toEqual(durable);
      await makeEffects(store);
      consumers = new Consumers(database.url, settings, members);
      const writers = new Writers(store);
      await killThem({ database, kafka, writers }, seeded(seed)).finally(() => writers.stop());
      const { acknowledged, unanswered } = writers;
      const result = await until('everything has had its effect', async () => {
        const found = await audit(store, acknowledged);
        return found.unheard === 0 ? found : null;
      }, patience);
      const published = await firstOnTopic(settings, 'experiment.events', (await store.pool.query('SELECT FROM event_store.messages')).rowCount ?? 0);
      process.stderr.write(
        `CHAOS_SEED=${seed}\n${acknowledged.length} acknowledged, ${unanswered} failed; ${brokerKills} kills of the broker, ${databaseKills} of the database: ${result.lost} lost, ` +
          `${acknowledged.filter((id) => !published.ids.has(id)).length} not on Kafka, ${published.repeats} published again, ${result.doubled} doubled effects, ` +
          `${result.disordered + published.disordered} streams out of order\n`,
      );
      expect(result).toEqual({ acknowledged: acknowledged.length, lost: 0, unheard: 0, doubled: 0, disordered: 0, deadLetters: 0 });
      expect(acknowledged.filter((id) => !published.ids.has(id))).toEqual([]);
      expect(published.disordered).toBe(0);
      expect(consumers.alive()).toBe(members); // none of them had to be started again
    } finally {
      await consumers?.stop();
      await database.close();
    }
  }, 1_800_000);
});
