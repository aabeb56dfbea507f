// How is each side of the benchmark of the bus told what to do, and how is it known that it did that once for each event?
import { makeWorkerUtils, type WorkerUtils } from 'graphile-worker';
import { correct } from '../result.ts';
import type { Undo } from '../scratch.ts';
import { connections, looking, now, onAllConnections, Side, type Appended, type Parts } from './parts.ts';
import type { PeerOrder } from './peer.ts';
import type { Order, Report } from './service.ts';

const withinMs = 120_000;

export async function wait(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = now() + withinMs; !(await condition()); await new Promise((resolve) => setTimeout(resolve, 5))) {
    if (now() > deadline) throw new Error(`waited ${withinMs / 1000} s until ${what}`);
  }
}

/** Each of them once, and nothing else. */
class Expected {
  readonly #times = new Map<string, number>();

  add(id: string, atMs: number): void {
    correct(`${id} was handled once`, !this.#times.has(id));
    this.#times.set(id, atMs);
  }

  isComplete(count: number): boolean {
    return this.#times.size >= count;
  }

  timesOf(ids: readonly string[]): number[] {
    correct(`${ids.length} were expected, ${this.#times.size} were handled`, ids.length === this.#times.size);
    return ids.map((id) => this.#times.get(id) ?? Number.NaN);
  }
}

export class BusUnderTest {
  private constructor(
    readonly parts: Parts,
    readonly service: Side<Order>,
  ) {}

  static async start(parts: Parts, later: (undo: Undo) => void): Promise<BusUnderTest> {
    const service = await Side.start<Order>('./service.js', { DATABASE_URL: parts.url, KAFKA_SETTINGS: JSON.stringify(parts.settings) }, later);
    return new BusUnderTest(parts, service);
  }

  /** Until everything that `work` has appended is reacted to; the times of the reactions, in the order of the appends. */
  async handle(work: () => Promise<readonly Appended[]>): Promise<number[]> {
    const before = await this.#inboxRows();
    const expected = new Expected();
    const ids = (await work()).map(([id]) => id);
    await wait('everything is reacted to', async () => {
      for (const [id, atMs] of await this.service.ask<Report>('report')) expected.add(id, atMs);
      return expected.isComplete(ids.length);
    });
    const times = expected.timesOf(ids);
    correct(`${ids.length} inbox rows more`, (await this.#inboxRows()) === before + ids.length);
    return times;
  }

  #inboxRows(): Promise<number> {
    return looking(this.parts.url, async (client) => (await client.query<{ count: number }>('SELECT count(*)::int AS count FROM event_store.inbox')).rows[0]?.count ?? Number.NaN);
  }
}

export class Peer {
  private constructor(
    private readonly utils: WorkerUtils,
    private readonly side: Side<PeerOrder>,
  ) {}

  static async start({ url }: Parts, later: (undo: Undo) => void): Promise<Peer> {
    const utils = await makeWorkerUtils({ connectionString: url, maxPoolSize: connections });
    later(() => Promise.resolve(utils.release()));
    await utils.migrate();
    return new Peer(utils, await Side.start<PeerOrder>('./peer.js', { DATABASE_URL: url }, later));
  }

  work(): Promise<unknown> {
    return this.side.ask('work');
  }

  rest(): Promise<unknown> {
    return this.side.ask('rest');
  }

  async add(count: number): Promise<string[]> {
    return onAllConnections(count, async () => (await this.utils.addJob('nothing', {})).id);
  }

  /** Until every job that `work` has added is done. */
  async handle(work: () => Promise<readonly string[]>): Promise<void> {
    const expected = new Expected();
    const ids = await work();
    await wait('every job is done', async () => {
      for (const id of await this.side.ask<readonly string[]>('report')) expected.add(id, 0);
      return expected.isComplete(ids.length);
    });
    expected.timesOf(ids);
  }
}
