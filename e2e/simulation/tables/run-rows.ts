// How does the scheduler keep its runs and leftovers, without SQL? Row for row as `live-runs.ts` does.
import type { CheckpointOffer } from '#contracts';
import type { LiveRuns, LiveRun, Leftover } from '../../../apps/scheduler/src/run/live-runs.ts';
import type { AttemptId, AttemptSpec } from '../../../apps/scheduler/src/executors/executor.ts';
import { isReady } from '../../../apps/scheduler/src/run/run.ts';
import { Table, type Database, type Transaction } from '../database.ts';
import type { Life } from '../life.ts';
import { within } from '../memory-event-store.ts';

type RunRow = LiveRun & Pick<AttemptSpec, 'order' | 'cloningStrategy' | 'sourceExperimentId'> & { readonly checkpoint: CheckpointOffer | null };

export class RunRows {
  readonly runs = new Table<RunRow>('scheduler.runs');
  readonly leftovers = new Table<Leftover>('scheduler.leftovers');

  constructor(private readonly database: Database) {}

  /** The tables, as one process of the scheduler uses them. */
  as(life: Life): LiveRuns {
    const { runs, leftovers } = this;
    const statement = <Result>(on: unknown, what: string, work: (tx: Transaction) => Promise<Result>) => within(this.database, life, on, what, work);
    const leave: LiveRuns['leave'] = (on, leftover) => statement(on, 'leaves something', (tx) => tx.put(leftovers, keyOf(leftover), () => leftover));
    return {
      leave,
      projectRun: (on, experimentId, run, correlationId) =>
        statement(on, 'projects a run', async (tx) => {
          const { order, attempt, state } = run;
          if (state === 'done') {
            await tx.put(runs, String(experimentId), () => undefined);
            if (attempt > 0 && !run.wasStarted) await leave(on, { experimentId, attempt, keepConsole: false });
          } else if (order !== null) {
            if (state === 'waiting' && attempt > 0 && !run.wasStarted) await leave(on, { experimentId, attempt, keepConsole: false });
            const grace = order.environment.grace_period_seconds;
            const { stopRequested, heldReason, cloningStrategy, sourceExperimentId } = run;
            await tx.put(runs, String(experimentId), (row) => ({
              experimentId, correlationId, traceparent: null, graceSeconds: typeof grace === 'number' ? grace : null, groupId: order.groupId, groupConcurrency: order.groupConcurrency ?? null,
              order, cloningStrategy, sourceExperimentId,
              ...row, state, attempt, isReady: isReady(run), stopRequested, checkpoint: run.checkpoint, isBuilding: run.isBuilding, notBefore: run.notBefore, heldReason,
            }));
          }
        }),
      listLiveRuns: (on) => statement(on, 'lists the runs', async (tx) => tx.all(runs).sort((a, b) => a.experimentId - b.experimentId)),
      listTakenSlots: (on) =>
        statement(on, 'counts the slots', async (tx) => {
          await tx.lock('scheduler.slots');
          return tx.all(runs).filter(({ state }) => state !== 'waiting').sort((a, b) => a.experimentId - b.experimentId).map(({ groupId }) => ({ groupId }));
        }),
      findSpec: (on, { experimentId, attempt }) =>
        statement(on, `finds run ${experimentId}`, async (tx) => {
          const row = tx.get(runs, String(experimentId));
          if (row?.attempt !== attempt) return undefined;
          const { order, cloningStrategy, sourceExperimentId, checkpoint } = row;
          return { experimentId, attempt, order, cloningStrategy, sourceExperimentId, ...(checkpoint && { checkpoint }) };
        }),
      listLeftovers: (on, limit) =>
        statement(on, 'lists leftovers', async (tx) => {
          const isLive = ({ experimentId, attempt }: AttemptId) => {
            const run = tx.get(runs, String(experimentId));
            return run !== undefined && run.attempt === attempt && run.state !== 'waiting';
          };
          return tx.all(leftovers).sort(byAttempt).filter((leftover) => !isLive(leftover)).slice(0, limit);
        }),
      strikeOff: (on, leftover) =>
        statement(on, 'strikes a leftover off', (tx) =>
          tx.put(leftovers, keyOf(leftover), (row) => (row?.keepConsole === leftover.keepConsole ? undefined : row))),
    };
  }
}

function byAttempt(a: AttemptId, b: AttemptId): number {
  return a.experimentId - b.experimentId || a.attempt - b.attempt;
}

function keyOf({ experimentId, attempt }: AttemptId): string {
  return `${experimentId}.${attempt}`;
}
