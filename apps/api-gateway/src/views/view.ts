// What makes a table a view, which can be thrown away and made again from the events?
import { patient, type Queryable, type Recorded } from '#event-store';

/** Where a projection writes: the tables users read, or, during a rebuild, those that will replace them. */
export interface Target {
  readonly on: Queryable;
  /** Name of the Postgres schema. */
  readonly schema: string;
}

/**
 * Takes one event in. Events of one stream come in order; those of other services may come earlier or later than ours, and during a rebuild twice:
 * so every projection gives the same rows in whichever order streams are interleaved, and repeating one changes nothing.
 */
export type Projection = (event: Recorded, target: Target) => Promise<void>;

export const viewsSchema = 'api_gateway';

/** A rebuild waits for those who are inside. */
export const rebuildPatienceMs = 120_000;
const gate = `hashtext('api_gateway.views')`;

/**
 * Before a transaction that writes first touches a view, in whichever order it will touch them: a rebuild swaps the tables when nobody is inside, and nobody is ever
 * caught between two of them. Held until the end of the transaction.
 */
export async function enterViews(on: Queryable): Promise<void> {
  await on.query(`SELECT pg_advisory_xact_lock_shared(${gate})`);
}

/** Waits until all writers are out, and keeps others from entering until the end of the transaction. */
export async function closeViews(on: Queryable): Promise<void> {
  await on.query(patient(`SELECT pg_advisory_xact_lock(${gate})`, rebuildPatienceMs));
}
