// What have the attempts in pods said of themselves, whichever of the schedulers was told?
import type { AttemptReportBody } from '#contracts';
import type { Queryable } from '#event-store';
import type { AttemptId, Carrying, CheckpointSeen } from '../executor.ts';

export interface Reported {
  readonly isBuilding: boolean;
  readonly carrying?: Carrying;
  readonly warnings?: readonly string[];
  readonly checkpoint?: CheckpointSeen;
}

/** All of them are read at once, and attempts are looked at several times a second. */
const readAgainMs = 1000;

/** In the database, since the instance that is told need not be the one that observes. The latest is all there is. */
export class Reports {
  #known: { readonly byAttempt: Promise<ReadonlyMap<string, Reported>>; readonly atMs: number } | undefined;

  constructor(
    private readonly on: Queryable,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** False: it is of no attempt that runs. */
  async receive({ experimentId, attempt }: AttemptId, report: AttemptReportBody): Promise<boolean> {
    const { rowCount } = await this.on.query(
      `INSERT INTO scheduler.reports (experiment_id, attempt, report)
       SELECT $1, $2, $3 WHERE EXISTS (SELECT FROM scheduler.runs WHERE experiment_id = $1 AND attempt = $2)
       ON CONFLICT (experiment_id) DO UPDATE SET attempt = excluded.attempt, report = excluded.report WHERE reports.attempt <= excluded.attempt`,
      [experimentId, attempt, JSON.stringify(report)],
    );
    return rowCount === 1;
  }

  /** Undefined: it has said nothing so far. As it was a moment ago. */
  async of({ experimentId, attempt }: AttemptId): Promise<Reported | undefined> {
    const atMs = this.nowMs();
    if (!this.#known || atMs - this.#known.atMs >= readAgainMs) this.#known = { byAttempt: this.#read(), atMs };
    try {
      return (await this.#known.byAttempt).get(`${experimentId}-${attempt}`);
    } catch (error) {
      this.#known = undefined;
      throw error;
    }
  }

  async forget({ experimentId, attempt }: AttemptId): Promise<void> {
    await this.on.query('DELETE FROM scheduler.reports WHERE experiment_id = $1 AND attempt <= $2', [experimentId, attempt]);
  }

  async #read(): Promise<ReadonlyMap<string, Reported>> {
    const { rows } = await this.on.query<{ experiment_id: string; attempt: number; report: AttemptReportBody }>('SELECT experiment_id, attempt, report FROM scheduler.reports');
    return new Map(rows.map((row) => [`${row.experiment_id}-${row.attempt}`, reportedIn(row.report)]));
  }
}

function reportedIn({ is_building: isBuilding, carrying, warnings, checkpoint }: AttemptReportBody): Reported {
  const lag = carrying && { carrying: { lagSeconds: carrying.lag_seconds, sizeBytes: carrying.size_bytes, failures: carrying.failures } };
  return { isBuilding, ...lag, ...(warnings.length > 0 && { warnings }), ...(checkpoint && { checkpoint }) };
}
