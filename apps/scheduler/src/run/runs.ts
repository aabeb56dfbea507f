// What does each message from elsewhere mean for a run?
import type {
  Attempt, CloningStrategy, ExperimentDeleted, ExperimentId, ExperimentOrder, ExperimentStopRequested, LogsArchived, LogsArchiveFailed, OutputsCopied, OutputsCopyFailed, OutputsPrepared,
  OutputsPrepareFailed, StreamName,
} from '#contracts';
import { evolveAll } from '#decider';
import type { Cause, EventStore, Queryable, Recorded } from '#event-store';
import type { Unit } from '#messaging';
import { runDecider, type RunCommand } from './decider.ts';
import { liveRuns } from './live-runs.ts';

/** Writes the `run` streams, and beside them what the worker looks at. */
export class Runs {
  constructor(
    private readonly store: EventStore,
    private readonly wakeWorker: () => void,
    readonly table = liveRuns,
  ) {}

  /** Decides, appends and projects in the transaction of `on`. Throws `VersionConflict` when somebody else was faster. */
  async record(on: Queryable, experimentId: ExperimentId, commands: readonly RunCommand[], correlationId: string, causationId?: string): Promise<readonly Recorded[]> {
    const cause: Cause = { actor: 'scheduler', correlationId, ...(causationId !== undefined && { causationId }) };
    const { state, events } = await this.store.handleIn(on, streamOf(experimentId), runDecider, commands, cause);
    if (events.length > 0) await this.table.projectRun(on, experimentId, state, correlationId);
    return events;
  }

  /** Experiments that are only tracked have no run. */
  async queue(event: Recorded, order: ExperimentOrder, clone: { cloningStrategy: CloningStrategy; sourceExperimentId: ExperimentId } | null, unit: Unit): Promise<void> {
    if (!order.isManaged) return;
    const { cloningStrategy = null, sourceExperimentId = null } = clone ?? {};
    const data = { experimentId: order.experimentId, order, cloningStrategy, sourceExperimentId, queuedAt: event.time };
    await this.#react(event, { type: 'QueueRun', data }, unit);
  }

  async outputsReady(event: Recorded<OutputsPrepared | OutputsCopied>, unit: Unit): Promise<void> {
    const { experimentId, checkpoint } = event.data;
    await this.#react(event, { type: 'ReleaseOutputs', data: { experimentId, ...attemptOf(event), ...(checkpoint && { checkpoint }), readyAt: event.time } }, unit);
  }

  /** A copy is cancelled for nothing but a stop, of which others may have heard before us. */
  async outputsFailed(event: Recorded<OutputsPrepareFailed | OutputsCopyFailed>, unit: Unit): Promise<void> {
    if (event.type === 'OutputsCopyFailed' && event.data.reason === 'cancelled') {
      await this.#react(event, { type: 'StopRun', data: { experimentId: event.data.experimentId, requestedAt: event.time } }, unit);
      return;
    }
    const message = 'message' in event.data ? event.data.message : event.data.reason;
    await this.#react(event, { type: 'FailOutputs', data: { experimentId: event.data.experimentId, ...attemptOf(event), message, endedAt: event.time } }, unit);
  }

  async stop(event: Recorded<ExperimentStopRequested>, unit: Unit): Promise<void> {
    await this.#react(event, { type: 'StopRun', data: { experimentId: event.data.experimentId, requestedAt: event.time } }, unit);
  }

  async logsEnded(event: Recorded<LogsArchived | LogsArchiveFailed>, unit: Unit): Promise<void> {
    const { experimentId, attempt } = event.data;
    await this.table.leave(unit.on, { experimentId, attempt, keepConsole: event.type === 'LogsArchiveFailed' });
    unit.afterCommit(this.wakeWorker);
  }

  /** Also what was kept for want of an archive. */
  async deleted({ data: { experimentId } }: Recorded<ExperimentDeleted>, unit: Unit): Promise<void> {
    const history = await this.store.load(streamOf(experimentId), unit.on);
    const run = evolveAll(runDecider, history as unknown as Parameters<typeof runDecider.evolve>[1][]);
    for (let attempt = 1; attempt <= run.attempt; attempt += 1) await this.table.leave(unit.on, { experimentId, attempt, keepConsole: false });
    unit.afterCommit(this.wakeWorker);
  }

  async #react(event: Recorded, command: RunCommand, unit: Unit): Promise<void> {
    await this.record(unit.on, command.data.experimentId, [command], event.metadata.correlationId, event.id);
    unit.afterCommit(this.wakeWorker);
  }
}

/** Absent: the first. */
function attemptOf({ data }: Recorded<OutputsPrepared | OutputsPrepareFailed | OutputsCopied | OutputsCopyFailed>): { attempt?: Attempt } {
  return 'attempt' in data && data.attempt !== undefined ? { attempt: data.attempt } : {};
}

function streamOf(experimentId: ExperimentId): StreamName {
  return `run-${experimentId}`;
}
