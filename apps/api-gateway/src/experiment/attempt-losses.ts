// What does an attempt cost that ended before its end was in a checkpoint?
import type { Attempt, CheckpointSummary, ExperimentId, ExperimentWorkLost, OutputsPrepared, RunAttemptFailed, RunEvent, RunPreempted, RunStarted, Time } from '#contracts';
import { causeOf, type EventStore, type Queryable, type Recorded } from '#event-store';
import { secondsLost } from '../fleet/lost-work.ts';
import { project as projectViews } from '../views/project-events.ts';
import { attemptSteps, type StepsAround } from './attempt-steps.ts';
import { experimentDecider } from './decider.ts';

/** Told when the storage-manager has said what the next attempt goes on from. The stream of the run is read, since the bus may bring the end of the attempt later. */
export class AttemptLosses {
  constructor(
    private readonly store: EventStore,
    private readonly stepsAround: (on: Queryable, experimentId: ExperimentId, attempt: Attempt, savedAt: Time | null) => Promise<StepsAround> = attemptSteps,
  ) {}

  async outputsPrepared(event: Recorded<OutputsPrepared>, on: Queryable): Promise<void> {
    const { experimentId, originalExperimentId, attempt: next = 1, checkpoint, preparedAt } = event.data;
    if (next === 1) return;
    const attempt = next - 1;
    const history = (await this.store.load(`run-${experimentId}`, on)) as unknown as RunEvent[];
    const began = history.find((one): one is RunStarted => one.type === 'RunStarted' && one.data.attempt === attempt);
    const ended = history.find((one): one is RunAttemptFailed | RunPreempted => (one.type === 'RunAttemptFailed' || one.type === 'RunPreempted') && one.data.attempt === attempt);
    if (!began || !ended) return;
    const offered = checkpoint?.offered ?? null;
    const seconds = secondsLost(Date.parse(began.data.startedAt), Date.parse(ended.data.endedAt), offered && Date.parse(offered.modifiedAt));
    const steps = stepsLost(await this.stepsAround(on, experimentId, attempt, offered?.modifiedAt ?? null), offered);
    const data = { experimentId, attempt, cause: causeIn(ended), seconds, steps, checkpointPath: offered?.path ?? null, recordedAt: preparedAt };
    await this.store.handleIn(on, `experiment-${originalExperimentId}`, experimentDecider, [{ type: 'RecordLostWork', data }], causeOf('api-gateway', event), projectViews);
  }
}

function causeIn({ type, data }: RunAttemptFailed | RunPreempted): ExperimentWorkLost['data']['cause'] {
  return type === 'RunPreempted' ? (data.cause ?? 'infrastructure') : data.reason;
}

/** From the step of the checkpoint, unless it was reported otherwise at that time: checkpoints may count epochs where programs report steps. Without a checkpoint nobody knows where it goes on. */
export function stepsLost({ last, before, after }: StepsAround, offered: Pick<CheckpointSummary, 'step'> | null): number | null {
  if (offered === null || last === null) return null;
  const { step } = offered;
  const from = step !== null && step >= (before ?? 0) && step <= (after ?? Math.max(last, step)) ? step : before;
  return from === null ? null : Math.max(0, last - from);
}
