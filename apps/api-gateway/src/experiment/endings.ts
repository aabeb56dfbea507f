// Has everything that belongs to an attempt ended, so that its experiment is done?
import type { DoneStatus, RunEvent } from '#contracts';
import { causeOf, type EventStore, type Queryable, type Recorded } from '#event-store';
import { project as projectViews } from '../views/project-events.ts';
import { experimentDecider } from './decider.ts';
import { endingsTable, type Ending } from './endings-table.ts';

export type RunEnd = Extract<RunEvent, { type: 'RunSucceeded' | 'RunFailed' | 'RunStopped' }>;

/**
 * An experiment is done when its process has ended *and* its console output is archived: what a user sees as done is all there. The two are told by different services
 * in either order; the first is kept in a row until the second comes.
 */
export class Endings {
  constructor(
    private readonly store: EventStore,
    private readonly table = endingsTable,
  ) {}

  async runEnded(event: Recorded<RunEnd>, on: Queryable): Promise<void> {
    const { experimentId, attempt, message, exitCode, wasStarted, endedAt } = event.data;
    const ending: Ending = { status: statusOf(event), message, exitCode, wasStarted, endedAt };
    await this.table.keepRunEnd(on, experimentId, attempt, ending);
    await this.#end(experimentId, attempt, event, on);
  }

  /** Archived, or given up after all tries: either way nothing more will come. */
  async logsEnded(event: Recorded, on: Queryable): Promise<void> {
    const { experimentId, attempt } = event.data as { experimentId: number; attempt: number };
    await this.table.keepLogsEnd(on, experimentId, attempt);
    await this.#end(experimentId, attempt, event, on);
  }

  async #end(experimentId: number, attempt: number, cause: Recorded, on: Queryable): Promise<void> {
    const known = await this.table.find(on, experimentId, attempt);
    if (!known?.runEnd || (known.runEnd.wasStarted && !known.logsEnded)) return;
    const { wasStarted, status, message, exitCode, endedAt: doneAt } = known.runEnd;
    const data = { experimentId, attempt: wasStarted ? attempt : 0, status, message, exitCode, doneAt };
    await this.store.handleIn(on, `experiment-${known.originalId}`, experimentDecider, [{ type: 'EndExperiment', data }], causeOf('api-gateway', cause), projectViews);
  }
}

/** A run whose outputs could not be prepared never had a chance: its upstream failed, not its program. */
function statusOf({ type, data }: Recorded<RunEnd>): DoneStatus {
  if (type === 'RunSucceeded') return 'succeeded';
  if (type === 'RunStopped') return 'stopped';
  return 'reason' in data && data.reason === 'outputs' ? 'upstream_failed' : 'failed';
}
