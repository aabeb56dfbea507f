// What must every bus show before a service may trust it?
import { randomUUID } from 'node:crypto';
import type { EventStore, Recorded } from '#event-store';
import { dropDeadLetter, listDeadLetters, listDroppedLetters, replayDeadLetters, type Bus, type Consumption, type Observer, type Reaction, type Topology } from '#messaging';
import { created, done, resumed } from '../controls.ts';
import { openTestStore, type TestStore } from '../database.ts';
import { until } from '../until.ts';

type Reactions = Partial<Record<string, Reaction | 'ignore'>>;

/** A group on a loaded machine may need its time to come together. */
const patience = 60_000;

const everyEvent = [
  'ExperimentCreated', 'ExperimentResumeRequested', 'ExperimentRestartRequested', 'ExperimentCopyRequested', 'ExperimentStopRequested', 'ExperimentDone', 'ExperimentDescribed',
  'ExperimentStatusReported', 'ExperimentCheckpointReported', 'ExperimentOutputsDeleteRequested', 'ExperimentPinned', 'ExperimentUnpinned', 'ExperimentDeleted',
];

/** A bus on an empty store, with whatever it needs to bring the store's events; `close` comes after the consumers. */
export interface OpenedBus {
  readonly bus: Bus;
  close(): Promise<void>;
}

/** The contract tests of `Bus`, run against each adapter. */
export function busContract(name: string, open: (store: EventStore) => OpenedBus | Promise<OpenedBus>): void {
  describe(`${name} as a bus`, () => {
    let test: TestStore;
    let store: EventStore;
    let opened: OpenedBus;
    const consumptions: Consumption[] = [];
    const by = { actor: 'test' };

    beforeEach(async () => {
      test = await openTestStore();
      store = test.store;
      await store.pool.query('CREATE TABLE effects (n bigint GENERATED ALWAYS AS IDENTITY, message_id uuid NOT NULL, stream text NOT NULL, position bigint NOT NULL)');
      opened = await open(store);
    });
    afterEach(async () => {
      await Promise.all(consumptions.splice(0).map((consumption) => consumption.stop()));
      await opened.close();
      await test.close();
    });

    const effect: Reaction = async ({ id, stream, position }, { on }) => void (await on.query('INSERT INTO effects (message_id, stream, position) VALUES ($1, $2, $3)', [id, stream, position]));
    const effects = async () => (await store.pool.query<{ message_id: string; stream: string; position: string }>('SELECT message_id, stream, position FROM effects ORDER BY n')).rows;
    const topology = (reactions: Reactions, service: Topology['service']): Topology => {
      const all = Object.fromEntries(everyEvent.map((type) => [type, reactions[type] ?? 'ignore']));
      return { service, owns: ['run'], consumes: { 'experiment.events': all } as Topology['consumes'] };
    };
    const consume = (reactions: Reactions, observer: Partial<Observer> = {}, service: Topology['service'] = 'scheduler') => {
      const consumption = opened.bus.consume(topology(reactions, service), observer);
      consumptions.push(consumption);
      return consumption;
    };

    it('brings every event of a stream once and in order, from the beginning', async () => {
      await store.append('experiment-23', -1, [created(23), done(23)], by);
      await store.append('experiment-24', -1, [created(24)], by);
      await store.append('experiment-23', 1, [resumed(31), done(31)], by);
      const seen: string[] = [];
      const note: Reaction = async (event) => void seen.push(`${event.stream}@${event.position}`);
      await consume({ ExperimentCreated: note, ExperimentDone: note, ExperimentResumeRequested: note }).caughtUp(patience);
      expect(seen.filter((one) => one.startsWith('experiment-23'))).toEqual([0, 1, 2, 3].map((position) => `experiment-23@${position}`));
      expect(seen).toContain('experiment-24@0');
      expect(seen).toHaveLength(5);
    });

    it('brings what is appended while it listens', async () => {
      consume({ ExperimentCreated: effect });
      await store.append('experiment-23', -1, [created(23)], by);
      await until('the effect is there', async () => (await effects()).length === 1, patience);
    });

    it('goes on where it was after a restart', async () => {
      const first = consume({ ExperimentCreated: effect });
      await store.append('experiment-23', -1, [created(23)], by);
      await first.caughtUp(patience);
      await first.stop();
      await store.append('experiment-24', -1, [created(24)], by);
      await consume({ ExperimentCreated: effect }).caughtUp(patience);
      expect((await effects()).map(({ stream }) => stream)).toEqual(['experiment-23', 'experiment-24']);
    });

    it('does an effect once, though its reaction failed halfway before', async () => {
      let failures = 2;
      const flaky: Reaction = async (event, unit) => {
        await effect(event, unit);
        if (failures-- > 0) throw new Error('halfway');
      };
      await store.append('experiment-23', -1, [created(23)], by);
      await consume({ ExperimentCreated: flaky }).caughtUp(patience);
      expect(await effects()).toHaveLength(1);
    });

    it('tells a worker only after the commit', async () => {
      let atCall: number | undefined;
      const waking: Reaction = async (event, unit) => {
        await effect(event, unit);
        unit.afterCommit(() => void effects().then((rows) => (atCall = rows.length)));
      };
      await store.append('experiment-23', -1, [created(23)], by);
      await consume({ ExperimentCreated: waking }).caughtUp(patience);
      await until('the worker was told', () => atCall !== undefined);
      expect(atCall).toBe(1);
    });

    it('buries a message that fails five times, and goes on', async () => {
      const letters: string[] = [];
      let tries = 0;
      const poisoned: Reaction = async (event, unit) => {
        if (event.stream !== 'experiment-23') return effect(event, unit);
        tries += 1;
        throw new Error('poison');
      };
      await store.append('experiment-23', -1, [created(23)], by);
      await store.append('experiment-24', -1, [created(24)], by);
      await consume({ ExperimentCreated: poisoned }, { deadLetter: ({ reason, tries: after }) => letters.push(`${reason} after ${after}`) }).caughtUp(patience);
      expect((await effects()).map(({ stream }) => stream)).toEqual(['experiment-24']);
      expect(letters).toEqual(['Error: poison after 5']);
      expect(tries).toBeGreaterThanOrEqual(5);
    });

    it('buries at once what can never be read', async () => {
      await store.pool.query(
        `INSERT INTO event_store.messages (id, stream_name, position, category, type, data, metadata)
         VALUES ($1, 'experiment-9', 0, 'experiment', 'ExperimentCreated', '{"experimentId": "nine"}', '{"actor": "x", "correlationId": "y", "schemaVersion": 1}')`,
        [randomUUID()],
      );
      await store.append('experiment-24', -1, [created(24)], by);
      await consume({ ExperimentCreated: effect }).caughtUp(patience);
      expect((await effects()).map(({ stream }) => stream)).toEqual(['experiment-24']);
      const { rows } = await store.pool.query<{ reason: string; tries: number }>('SELECT reason, tries FROM event_store.dead_letters');
      expect(rows).toEqual([{ reason: expect.stringContaining('UnreadableEvent') as string, tries: 1 }]);
    });

    it('waits out a failure of the surroundings, however long, and buries nothing', async () => {
      let away = 8;
      const weather: Reaction = async (event, unit) => {
        if (away-- > 0) throw Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
        await effect(event, unit);
      };
      await store.append('experiment-23', -1, [created(23)], by);
      await consume({ ExperimentCreated: weather }).caughtUp(patience);
      expect(await effects()).toHaveLength(1);
      expect((await store.pool.query('SELECT 1 FROM event_store.dead_letters')).rowCount).toBe(0);
    });

    it('reacts to a dead letter again when asked', async () => {
      let cured = false;
      const ill: Reaction = async (event: Recorded, unit) => {
        if (!cured) throw new TypeError('bug');
        await effect(event, unit);
      };
      await store.append('experiment-23', -1, [created(23)], by);
      await consume({ ExperimentCreated: ill }).caughtUp(patience);
      cured = true;
      await store.pool.query('UPDATE event_store.dead_letters SET replay = true');
      await until('the letter was read', async () => (await effects()).length === 1, patience);
      expect((await store.pool.query('SELECT 1 FROM event_store.dead_letters')).rowCount).toBe(0);
    });

    it('never reacts to a dead letter that was dropped', async () => {
      let cured = false;
      const ill: Reaction = async (event: Recorded, unit) => {
        if (!cured) throw new TypeError('bug');
        await effect(event, unit);
      };
      const [event] = await store.append('experiment-23', -1, [created(23)], by);
      const consumption = consume({ ExperimentCreated: ill });
      await consumption.caughtUp(patience);
      cured = true;
      const letter = { consumerGroup: (await listDeadLetters(store.pool))[0]?.consumerGroup ?? '', messageId: event?.id ?? '' };
      expect(await dropDeadLetter(store.pool, letter, { by: 'mona', because: 'it is of no use' })).toBe(true);
      expect(await dropDeadLetter(store.pool, letter, { by: 'mona', because: 'again' })).toBe(false);
      expect(await replayDeadLetters(store.pool)).toBe(0);
      await store.append('experiment-24', -1, [created(24)], by);
      await consumption.caughtUp(patience);
      expect([await consumption.lagMs(), (await effects()).map(({ stream }) => stream)]).toEqual([0, ['experiment-24']]);
      expect(await listDroppedLetters(store.pool, 10)).toMatchObject([{ ...letter, type: 'ExperimentCreated', droppedBy: 'mona', droppedBecause: 'it is of no use' }]);
    });

    it('has one active consumer in a group, and another takes over', async () => {
      const first = consume({ ExperimentCreated: effect });
      await store.append('experiment-23', -1, [created(23)], by);
      await first.caughtUp(patience);
      consume({ ExperimentCreated: effect });
      await first.stop();
      await store.append('experiment-24', -1, [created(24)], by);
      await until('the second took over', async () => (await effects()).length === 2, patience);
    });

    it('survives the loss of its connections', async () => {
      consume({ ExperimentCreated: effect });
      await store.append('experiment-23', -1, [created(23)], by);
      await until('the first came', async () => (await effects()).length === 1, patience);
      await store.pool.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()');
      await until('the second could be written', () => store.append('experiment-24', -1, [created(24)], by).catch(() => false));
      await until('the second came', async () => (await effects()).length === 2, patience);
    });

    it('brings everything from the beginning to a group that is new', async () => {
      await store.append('experiment-23', -1, [created(23), done(23)], by);
      await consume({ ExperimentCreated: effect, ExperimentDone: effect }).caughtUp(patience);
      await consume({ ExperimentCreated: effect, ExperimentDone: effect }, {}, 'log-collector').caughtUp(patience);
      expect((await effects()).map(({ stream, position }) => `${stream}@${position}`)).toEqual(['experiment-23@0', 'experiment-23@1', 'experiment-23@0', 'experiment-23@1']);
    });

    it('misses, doubles and reorders nothing while members of a group come and go', async () => {
      const streams = Array.from({ length: 12 }, (_, index) => 100 + index);
      const append = (position: number) => Promise.all(streams.map((id) => store.append(`experiment-${id}`, position - 1, [position === 0 ? created(id) : done(id)], by)));
      const member = () => consume({ ExperimentCreated: effect, ExperimentDone: effect });
      const first = member();
      for (let position = 0; position < 4; position += 1) await append(position);
      await until('it has begun', async () => (await effects()).length > 0, patience);
      member();
      for (let position = 4; position < 8; position += 1) await append(position);
      await first.stop();
      member();
      for (let position = 8; position < 12; position += 1) await append(position);
      const seen = await until('all is done', async () => {
        const rows = await effects();
        return rows.length >= 12 * streams.length ? rows : null;
      }, patience);
      for (const id of streams) expect(seen.filter(({ stream }) => stream === `experiment-${id}`).map(({ position }) => Number(position))).toEqual(Array.from({ length: 12 }, (_, position) => position));
    });

    it('takes no more than it can react to: what waits, waits outside', async () => {
      let begun = 0;
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const slow: Reaction = async (event, unit) => {
        begun += 1;
        await released;
        await effect(event, unit);
      };
      const consumption = consume({ ExperimentCreated: slow });
      await store.append('experiment-99', -1, [created(99)], by);
      await until('the first reaction is under way', () => begun > 0, patience);
      for (let id = 100; id < 400; id += 1) await store.append(`experiment-${id}`, -1, [created(id)], by);
      expect(begun).toBeLessThan(10);
      release();
      await consumption.caughtUp(patience);
      expect(await effects()).toHaveLength(301);
    });
  });
}
