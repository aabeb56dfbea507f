// Do the tables of the simulation answer as the real ones do? The same calls to both, drawn from seeds.
import type { CheckpointOffer, ExperimentOrder } from '#contracts';
import type { EventStore, Queryable } from '#event-store';
import { openTestStore, type TestStore } from '#testing';
import { ArchiveTable } from '../../../apps/log-collector/src/archive/archive-table.ts';
import { createTables as createArchives } from '../../../apps/log-collector/src/schema.ts';
import { liveRuns } from '../../../apps/scheduler/src/run/live-runs.ts';
import { unknownRun, type Run } from '../../../apps/scheduler/src/run/run.ts';
import { createSchedulerSchema } from '../../../apps/scheduler/src/schema.ts';
import { createTables as createWork } from '../../../apps/storage-manager/src/schema.ts';
import type { Kind, Task } from '../../../apps/storage-manager/src/work/task.ts';
import { WorkTable } from '../../../apps/storage-manager/src/work/work-table.ts';
import { Database } from '../database.ts';
import type { Life } from '../life.ts';
import { Random } from '#testing';
import { ArchiveRows, ArchivesAs } from './archive-rows.ts';
import { RunRows } from './run-rows.ts';
import { WorkAs, workRows } from './work-rows.ts';

const callCount = 300;
const atOnce = { effect: (_: string, happen: () => unknown) => Promise.resolve(happen()), atEnd: () => undefined } as unknown as Life;
const cause = { actor: 'a service', correlationId: 'c' };
const owners = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;
/** The simulated rows hold it, the real list leaves it out. */
const unlisted = { order: null, cloningStrategy: null, sourceExperimentId: null, checkpoint: null };
const offered = { path: 'model.pt', step: 3, framework: 'pytorch', sizeBytes: 9, modifiedAt: '2026-11-22T10:00:00.000Z', complete: true, problem: null } as const;
const offer: CheckpointOffer = { offered, parts: ['model.pt'], setAside: [] };
const sorted = (answer: unknown) => (Array.isArray(answer) ? [...(answer as { id?: string }[])].sort((a, b) => Number(a.id) - Number(b.id)) : answer);

/** The same question to both, and the same answer from both. */
type Both<Table> = (ask: (table: Table, on: Queryable) => Promise<unknown>, what: string) => Promise<void>;

function both<Table>(store: EventStore, real: Table, simulated: Table): Both<Table> {
  return async (ask, what) => {
    const answers = [await store.transaction((on) => ask(real, on)), await ask(simulated, null as unknown as Queryable)].map(sorted);
    expect([what, answers[1]]).toEqual([what, answers[0]]);
  };
}

describe('the tables of the simulation', () => {
  let test: TestStore;
  beforeAll(async () => {
    test = await openTestStore();
    await createSchedulerSchema(test.store.pool);
    await test.store.transaction(createWork);
    await test.store.transaction(createArchives);
  });
  afterAll(() => test.close());

  it('keep the work of the storage-manager as it does', async () => {
    const random = new Random(1);
    const [database, rows] = [new Database(() => undefined), workRows()];
    let nowMs = 0;
    type Work = Pick<WorkTable, keyof WorkTable>;
    const processes = owners.map((owner) =>
      both<Work>(test.store, new WorkTable(test.store.pool, owner, 3_600_000), new WorkAs(rows, database, atOnce, owner, 3_600_000, () => (nowMs += 1))));
    for (let call = 0; call < callCount; call += 1) {
      const ask = random.pick(processes);
      const id = String(1 + random.below(call + 1));
      const [experimentId, originalExperimentId, source] = [random.below(12), random.below(4), random.below(4)];
      const kinds = random.pick<readonly Kind[]>([['prepare', 'delete'], ['copy']]);
      const copied = { outputsPath: 'o', sourceOriginalExperimentId: source, sourceOutputsPath: 's', sourceIsLive: false, folders: [], files: [] };
      const task = random.pick<Task>([
        { kind: 'prepare', experimentId, originalExperimentId, payload: { outputsPath: 'o', isResume: false }, cause },
        { kind: 'copy', experimentId, originalExperimentId, payload: copied, cause },
        { kind: 'delete', experimentId, originalExperimentId, payload: { outputsPath: 'o' }, cause },
      ]);
      await random.pick([
        () => ask((table, on) => table.add(on, task), `add ${task.kind} ${experimentId}`),
        () => ask((table) => table.claim(kinds, 1 + (call % 3), []), `claim ${kinds.join()}`),
        () => ask((table, on) => table.cancelCopy(on, experimentId), `cancel ${experimentId}`),
        () => ask((table) => table.renew([id]), `renew ${id}`),
        () => ask((table, on) => table.finish(on, id), `finish ${id}`),
        () => ask((table) => table.retryLater(id, 0, 'it is busy'), `retry ${id}`),
      ])();
    }
  });

  it('keep the runs of the scheduler as it does', async () => {
    const random = new Random(2);
    const ask = both(test.store, liveRuns, new RunRows(new Database(() => undefined)).as(atOnce));
    for (let call = 0; call < callCount; call += 1) {
      const [experimentId, attempt, keepConsole] = [random.below(6), random.below(3), random.chance(0.5)];
      const membership = random.pick([{ groupId: null }, { groupId: 7 }, { groupId: 8, groupConcurrency: 2 }]);
      const order = { experimentId, ...membership, environment: random.chance(0.5) ? { grace_period_seconds: 5 } : {} } as unknown as ExperimentOrder;
      const run: Run = {
        ...unknownRun, order: random.chance(0.8) ? order : null, attempt, state: random.pick(['waiting', 'scheduled', 'started', 'done']),
        outputsReady: random.chance(0.5), stopRequested: random.chance(0.3), wasStarted: random.chance(0.5), heldReason: random.pick([null, 'waits']), isBuilding: random.chance(0.2),
        notBefore: random.pick([null, '2026-11-22T10:00:00.000Z']),
        checkpoint: random.pick([null, offer]),
      };
      await random.pick([
        () => ask((table, on) => table.projectRun(on, experimentId, run, 'c'), `project ${experimentId}`),
        () => ask((table, on) => table.leave(on, { experimentId, attempt, keepConsole }), `leave ${experimentId}`),
        () => ask((table, on) => table.strikeOff(on, { experimentId, attempt, keepConsole }), `strike off ${experimentId}`),
        () => ask((table, on) => table.listLeftovers(on, 50), 'leftovers'),
        () => ask((table, on) => table.findSpec(on, { experimentId, attempt }), `find ${experimentId}`),
        () => ask((table, on) => table.listTakenSlots(on), 'slots'),
        () => ask(async (table, on) => (await table.listLiveRuns(on)).map((row) => ({ ...row, ...unlisted })), 'runs'),
      ])();
    }
  });

  it('keep the archives of the log-collector as it does', async () => {
    const random = new Random(3);
    type Archives = Pick<ArchiveTable, keyof ArchiveTable>;
    const simulated = new ArchivesAs(new ArchiveRows(), new Database(() => undefined), atOnce);
    const ask = both<Archives>(test.store, new ArchiveTable(test.store.pool), simulated);
    for (let call = 0; call < callCount; call += 1) {
      const [experimentId, attempt] = [random.below(6), 1 + random.below(3)];
      const outcome = random.pick(['archived', 'failed', 'unkept'] as const);
      const printed = random.below(100);
      await random.pick([
        () => ask((table, on) => table.add(on, { experimentId, attempt, console: 'file:///c', logsPath: 'l', cause, bootId: 'b' }), `add ${experimentId}.${attempt}`),
        () => ask((table, on) => table.end(on, experimentId, attempt), `end ${experimentId}.${attempt}`),
        () => ask((table, on) => table.over(on, experimentId), `over ${experimentId}`),
        () => ask((table, on) => (call % 7 === 0 ? table.delete(on, { experimentId, logsPath: 'l', cause }) : Promise.resolve()), `delete ${experimentId}`),
        () => ask((table) => table.deletions().then((all) => new Set(all.map((deletion) => deletion.experimentId))), 'deletions'),
        () => ask((table, on) => (call % 5 === 0 ? table.deleted(on, experimentId) : Promise.resolve()), `deleted ${experimentId}`),
        () => ask(async (table, on) => {
          const [archive] = await table.unfinished();
          if (!archive) return null;
          const { consoleOffset, archiveOffset, lines } = archive.position;
          const position = { consoleOffset: consoleOffset + printed, archiveOffset: archiveOffset + printed, lines: lines + 1, lostBytes: 0 };
          return printed % 2 ? table.record('b', [{ archive, position }]) : table.finish(on, 'b', archive, position, outcome);
        }, 'go on with the first'),
        () => ask((table) => table.unfinished(), 'unfinished'),
        () => ask((table) => table.unkept(), 'unkept'),
        () => ask((table) => (call % 3 === 0 ? table.kept(experimentId) : Promise.resolve(false)), `kept ${experimentId}`),
      ])();
    }
  });
});
