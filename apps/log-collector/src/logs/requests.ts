// What is written down when a run starts, ends, or is deleted?
import type {
  ExperimentDeleted, ExperimentDone, ExperimentId, LogsEvent, RunAttemptFailed, RunFailed, RunPreempted, RunStarted, RunStopped, RunSucceeded, Time,
} from '#contracts';
import { evolveAll } from '#decider';
import { causeOf, type EventStore, type Queryable, type Recorded } from '#event-store';
import type { Unit } from '#messaging';
import type { ArchiveTable } from '../archive/archive-table.ts';
import { logsDecider } from './decider.ts';
import { streamOf, type Logs } from './logs.ts';

/** Only intent: consoles and files are the worker's. */
export class Requests {
  constructor(
    private readonly store: EventStore,
    private readonly table: ArchiveTable,
    private readonly bootId: string,
    private readonly now: () => Time,
    private readonly wakeWorker: () => void,
  ) {}

  async follow(event: Recorded<RunStarted>, unit: Unit): Promise<void> {
    const { experimentId, attempt, console, logsPath } = event.data;
    const { answered } = await this.#logs(experimentId, unit.on);
    if (answered.has(attempt)) return;
    await this.table.end(unit.on, experimentId, attempt - 1); // one attempt at a time prints
    await this.table.add(unit.on, { experimentId, attempt, console, logsPath, cause: causeOf('log-collector', event), bootId: this.bootId });
    unit.afterCommit(this.wakeWorker);
  }

  async over(event: Recorded<RunSucceeded | RunFailed | RunStopped>, unit: Unit): Promise<void> {
    await this.attemptOver(event, unit);
    await this.table.over(unit.on, event.data.experimentId);
  }

  /** Whoever was told that it was started waits for its logs, so there has to be an answer even if its start was never heard. */
  async attemptOver(event: Recorded<RunSucceeded | RunFailed | RunStopped | RunPreempted | RunAttemptFailed>, unit: Unit): Promise<void> {
    const { experimentId, attempt, wasStarted } = event.data;
    const isKnown = await this.table.end(unit.on, experimentId, attempt);
    if (wasStarted && !isKnown) {
      const data = { experimentId, attempt, reason: 'where the attempt prints was never told', failedAt: this.now() };
      await this.store.handleIn(unit.on, streamOf(experimentId), logsDecider, [{ type: 'FailArchive', data }], causeOf('log-collector', event));
    }
    unit.afterCommit(this.wakeWorker);
  }

  /** Also said of experiments that the platform doesn't run. */
  async done({ data }: Recorded<ExperimentDone>, { on }: Unit): Promise<void> {
    await this.table.over(on, data.experimentId);
  }

  async delete(event: Recorded<ExperimentDeleted>, unit: Unit): Promise<void> {
    const { experimentId, logsPath } = event.data;
    await this.table.delete(unit.on, { experimentId, logsPath, cause: causeOf('log-collector', event) });
    unit.afterCommit(this.wakeWorker);
  }

  async #logs(experimentId: ExperimentId, on: Queryable): Promise<Logs> {
    const history = await this.store.load(streamOf(experimentId), on);
    return evolveAll(logsDecider, history as unknown as LogsEvent[]);
  }
}
