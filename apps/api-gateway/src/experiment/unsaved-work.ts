// How long did programs run, and how much of that is in no checkpoint?
import type { Pool } from 'pg';
import type { Event, ExperimentWorkLost } from '#contracts';
import { counter, type Logger } from '#service-host';
import type { Outputs } from '../outputs/outputs-reader.ts';

/** More at once are not counted: these are sums to steer by, and nobody waits for them. */
const waitingMax = 1000;

/** Of attempts that another one follows. */
const causes: Readonly<Record<ExperimentWorkLost['data']['cause'], 'failed' | 'preempted'>> = {
  program: 'failed', 'out-of-memory': 'failed', lost: 'failed', preempted: 'preempted', evicted: 'preempted', 'node-lost': 'preempted', infrastructure: 'preempted',
};

export interface UnsavedWorkParts {
  readonly pool: Pool;
  /** When the newest checkpoint in an outputs path was written; null: there is none. */
  readonly newestCheckpoint: (outputs: Outputs) => Promise<string | null>;
}

/** Counted once, by the gateway that told the end, right after it. */
export class UnsavedWork {
  readonly #work = counter('work_seconds_total');
  readonly #lost = counter('lost_work_seconds_total');
  readonly #lostSteps = counter('lost_work_steps_total');
  readonly #loads = counter('resume_loads_total');
  #waiting = 0;
  #counting: Promise<void> = Promise.resolve();

  constructor(private readonly parts: UnsavedWorkParts) {}

  /** Of what this gateway has written. */
  told(events: readonly Pick<Event, 'type' | 'data'>[], log: Logger): void {
    for (const { type, data } of events) {
      if (type === 'ExperimentCheckpointReported' && 'read' in data && data.read === 'started-at-zero') this.#loads.inc({ result: 'started_at_zero' });
      if (type === 'ExperimentWorkLost' && 'seconds' in data) {
        this.#lost.inc({ cause: causes[data.cause] }, data.seconds);
        this.#lostSteps.inc({ cause: causes[data.cause] }, data.steps ?? 0);
      }
      if (type !== 'ExperimentDone' || !('status' in data) || this.#waiting >= waitingMax) continue;
      const { experimentId, status } = data as { experimentId: number; status: string };
      this.#waiting += 1;
      this.#counting = this.#counting
        .then(() => this.#count(experimentId, status))
        .catch((error: unknown) => log.warn({ err: error, experimentId }, 'the work of a run was not counted'))
        .finally(() => (this.#waiting -= 1));
    }
  }

  async stop(): Promise<void> {
    await this.#counting;
  }

  async #count(experimentId: number, status: string): Promise<void> {
    const { pool, newestCheckpoint } = this.parts;
    const { rows } = await pool.query<Outputs & { began: Date; lastBegan: Date; ended: Date }>(
      `SELECT outputs_path AS "outputsPath", outputs_store AS "outputsStore", started_at AS began, finished_at AS ended,
         coalesce((SELECT max((data ->> 'startedAt')::timestamptz) FROM event_store.messages WHERE stream_name = 'run-' || id AND type = 'RunStarted'), started_at) AS "lastBegan"
       FROM api_gateway.experiments
       WHERE id = $1 AND is_managed AND started_at IS NOT NULL AND finished_at IS NOT NULL`,
      [experimentId],
    );
    const [run] = rows;
    if (!run) return; // it never began
    const { began, lastBegan, ended, ...outputs } = run;
    this.#work.inc(Math.max(0, ended.getTime() - began.getTime()) / 1000);
    if (status !== 'failed' && status !== 'stopped') return;
    const savedMs = Date.parse((await newestCheckpoint(outputs)) ?? '') || 0;
    this.#lost.inc({ cause: status }, Math.max(0, ended.getTime() - Math.max(lastBegan.getTime(), savedMs)) / 1000); // of those before it that was told when they ended
  }
}
