// Which steps did an attempt report around the time at which its checkpoint was written?
import { stepNames, type Attempt, type ExperimentId, type Time } from '#contracts';
import type { Queryable } from '#event-store';

/** Null: none was reported. */
export interface StepsAround {
  /** The last of the attempt. */
  readonly last: number | null;
  /** The last before the checkpoint was written, by whichever attempt. */
  readonly before: number | null;
  /** The first after that. */
  readonly after: number | null;
}

/** Programs that report many metrics may do so without a step now and then. */
const rowsLookedAt = 50;

interface Row {
  readonly side: keyof StepsAround;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A few rows at each of the three places, however many there are. `savedAt` null: no checkpoint is known. */
export async function attemptSteps(on: Queryable, experimentId: ExperimentId, attempt: Attempt, savedAt: Time | null): Promise<StepsAround> {
  const { rows } = await on.query<Row>(
    `WITH before AS (SELECT id, values FROM api_gateway.metrics WHERE experiment_id = $1 AND created_at <= $3::timestamptz ORDER BY id DESC LIMIT ${rowsLookedAt})
     (SELECT 'last' AS side, values FROM api_gateway.metrics WHERE experiment_id = $1 AND attempt IN ($2, 0) ORDER BY id DESC LIMIT ${rowsLookedAt})
     UNION ALL (SELECT 'before', values FROM before ORDER BY id DESC)
     UNION ALL (SELECT 'after', values FROM api_gateway.metrics WHERE experiment_id = $1 AND created_at > $3::timestamptz AND id > coalesce((SELECT max(id) FROM before), 0) ORDER BY id LIMIT ${rowsLookedAt})`,
    [experimentId, attempt, savedAt],
  );
  const name = stepNames.find((one) => rows.some(({ values }) => typeof values[one] === 'number'));
  const first = (side: Row['side']) => {
    const found = name === undefined ? undefined : rows.find((row) => row.side === side && typeof row.values[name] === 'number')?.values[name];
    return typeof found === 'number' ? found : null;
  };
  return { last: first('last'), before: first('before'), after: first('after') };
}
