// Is an event that was written ever lost, overwritten or read out of order?
import { aTime, created, done, openTestStore, resumed, type TestStore } from '#testing';
import type { StreamName } from '#contracts';
import type { PoolClient } from 'pg';
import { EventStore, theBeginning, VersionConflict, type Cursor } from './index.ts';

let test: TestStore;
let store: EventStore;
const by = { actor: 'test' };

beforeAll(async () => {
  test = await openTestStore();
  store = test.store;
});
afterAll(() => test.close());

describe('the event store', () => {
  it('gives back what was appended, in order, with who and why', async () => {
    await store.append('experiment-23', -1, [created(23)], { actor: 'mona', correlationId: '00000000-0000-4000-8000-000000000001' });
    await store.append('experiment-23', 0, [done(23), resumed(31)], { actor: 'mona', causationId: 'c' });
    const events = await store.load('experiment-23');
    expect(events.map(({ type, position }) => [type, position])).toEqual([['ExperimentCreated', 0], ['ExperimentDone', 1], ['ExperimentResumeRequested', 2]]);
    expect(events[0]?.data).toEqual(created(23).data);
    expect(events[0]?.metadata).toEqual({ actor: 'mona', correlationId: '00000000-0000-4000-8000-000000000001', schemaVersion: 1 });
    expect(events[1]?.metadata.causationId).toBe('c');
  });

  it('refuses a writer that has not seen the last event', async () => {
    await store.append('experiment-40', -1, [created(40)], by);
    await expect(store.append('experiment-40', -1, [created(40)], by)).rejects.toThrow(VersionConflict);
    expect(await store.load('experiment-40')).toHaveLength(1);
  });

  it('lets a service write no stream but its own', async () => {
    const ofScheduler = new EventStore(store.pool, 'scheduler');
    await expect(ofScheduler.append('experiment-50', -1, [created(50)], by)).rejects.toThrow('written by the api-gateway alone');
    expect(await store.load('experiment-50')).toEqual([]);
  });

  it('lets exactly one of many writers win', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => store.append('experiment-41', -1, [created(41)], by)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.filter((result) => result.status === 'rejected' && result.reason instanceof VersionConflict)).toHaveLength(19);
  });

  it('lets nobody append whose transaction is older than the last event: readers would hear of it before', async () => {
    for (const events of [[done(43)], [done(43), resumed(44)]]) {
      const stream: StreamName = `experiment-${events.length + 42}`;
      let tries = 0;
      await store.append(stream, -1, [created(43)], by);
      const append = async () => store.transaction(async (on) => {
        await on.query('SELECT pg_current_xact_id()');
        tries += 1;
        if (tries === 1) await store.append(stream, 0, [created(43)], by);
        const { length } = await store.load(stream, on);
        await store.append(stream, length - 1, events, by, on);
      });
      await expect(append()).rejects.toThrow(VersionConflict);
      await append();
      const read = (await store.readAfter(theBeginning, 1000)).filter((event) => event.stream === stream).map(({ position }) => position);
      expect(read).toEqual([...events.keys(), events.length, events.length + 1].slice(0, 2 + events.length));
    }
  });

  it('keeps nothing of a transaction that is rolled back', async () => {
    const failing = store.transaction(async (on) => {
      await store.append('experiment-42', -1, [created(42)], by, on);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.load('experiment-42')).toEqual([]);
  });

  it('keeps the settings that make a commit durable', async () => {
    for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'])
      expect((await store.pool.query<Record<string, string>>(`SHOW ${setting}`)).rows[0]?.[setting]).toBe('on');
  });

  it('reads the order of commits from an index, without sorting', async () => {
    const client = await store.pool.connect();
    try {
      await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off');
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN SELECT messages.transaction_id::text AS tx FROM event_store.messages AS messages
         WHERE (messages.transaction_id, messages.global_position) > ('0'::xid8, 0) AND messages.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
         ORDER BY messages.transaction_id, messages.global_position LIMIT 10`,
      );
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).not.toContain('Sort');
    } finally {
      client.release(true);
    }
  });
});

describe('16 writers that hold their transactions open, 2% of which roll back', () => {
  const writers = 16;
  const transactionsEach = 375; // 6,000 in all
  const expected = new Map<string, number>();
  const byHorizon: string[] = [];
  const byPosition: string[] = [];

  beforeAll(async () => {
    const random = mulberry(20261122);
    let writing = true;
    const from = Number((await store.pool.query<{ at: string }>('SELECT coalesce(max(global_position), 0) AS at FROM event_store.messages')).rows[0]?.at);
    const start = await lastCursor();
    let end: string | null = null;
    const horizonReader = readUntil(() => hasPassed(end), byHorizon, start);
    const naiveReader = pollNaively(() => writing, byPosition, from);
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(`experiment-${1000 + writer}`, random)));
    end = (await store.pool.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id')).rows[0]?.id ?? null;
    writing = false;
    await Promise.all([horizonReader, naiveReader]);
  }, 120_000);

  async function write(stream: StreamName, random: () => number): Promise<void> {
    const client = await store.pool.connect();
    try {
      for (let position = 0, left = transactionsEach; left > 0; left -= 1) {
        const rollsBack = random() < 0.02;
        await client.query('BEGIN');
        const [event] = await store.append(stream, position - 1, [done(1000, { doneAt: aTime })], by, client);
        await heldOpen(client, random() * 4);
        await client.query(rollsBack ? 'ROLLBACK' : 'COMMIT');
        if (rollsBack || !event) continue;
        expected.set(event.id, position);
        position += 1;
      }
    } finally {
      client.release();
    }
  }

  it('lose nothing to the reader of the order of commits', () => {
    expect(new Set(byHorizon)).toEqual(new Set(expected.keys()));
    expect(byHorizon).toHaveLength(expected.size);
  });

  it('and every stream comes in its order', async () => {
    const next = new Map<string, number>();
    const { rows } = await store.pool.query<{ id: string; stream_name: string; position: string }>(`SELECT id, stream_name, position FROM event_store.messages WHERE stream_name LIKE 'experiment-10__'`);
    const places = new Map(rows.map((row) => [row.id, row]));
    for (const id of byHorizon) {
      const { stream_name: stream, position } = places.get(id) as { stream_name: string; position: string };
      expect(Number(position)).toBe(next.get(stream) ?? 0);
      next.set(stream, Number(position) + 1);
    }
  });

  it('while a reader that goes by positions alone loses some: the control', () => {
    expect(byPosition.length).toBeLessThan(expected.size);
  });

  /** Whether the horizon is behind the last of the writers: transactions of other databases of the server hold it back, too. */
  async function hasPassed(end: string | null): Promise<boolean> {
    if (end === null) return false;
    return (await store.pool.query<{ passed: boolean }>('SELECT $1::xid8 < pg_snapshot_xmin(pg_current_snapshot()) AS passed', [end])).rows[0]?.passed === true;
  }

  async function readUntil(isOver: () => Promise<boolean>, seen: string[], start: Cursor): Promise<void> {
    for (let cursor = start; ; ) {
      const wasOver = await isOver();
      const batch = await store.readAfter(cursor, 500);
      for (const { id, stream } of batch) if (/^experiment-10\d\d$/.test(stream)) seen.push(id);
      cursor = batch.at(-1)?.cursor ?? cursor;
      if (batch.length === 0 && wasOver) return;
    }
  }

  async function pollNaively(writing: () => boolean, seen: string[], start: number): Promise<void> {
    for (let last = start; ; ) {
      const wasWriting = writing();
      const { rows } = await store.pool.query<{ id: string; at: string }>(
        'SELECT id, global_position AS at FROM event_store.messages WHERE global_position > $1 ORDER BY global_position LIMIT 500',
        [last],
      );
      for (const { id, at } of rows) {
        seen.push(id);
        last = Number(at);
      }
      if (rows.length === 0 && !wasWriting) return;
    }
  }

  async function lastCursor(): Promise<Cursor> {
    let cursor = theBeginning;
    for (;;) {
      const batch = await store.readAfter(cursor, 500);
      const last = batch.at(-1);
      if (!last) return cursor;
      cursor = last.cursor;
    }
  }
});

/** The work a transaction does between its write and its commit. */
async function heldOpen(client: PoolClient, ms: number): Promise<void> {
  await client.query('SELECT pg_sleep($1)', [ms / 1000]);
}

/** Seeded, so that a failure can be had again. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
