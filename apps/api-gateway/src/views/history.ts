// What happened to an experiment, in order?
import type { Pool } from 'pg';
import type { HistoryEntry, Metadata } from '#contracts';
import { theBeginning, type Cursor } from '#event-store';

export interface EventRow {
  id: string;
  stream_name: string;
  type: string;
  data: Record<string, unknown>;
  metadata: Metadata;
  time: Date;
  tx: string;
  at: string;
}

/** An experiment, and the one whose stream and outputs it shares. */
export interface Historic {
  readonly id: number;
  readonly originalId: number;
}

const pageSize = 500;
/** Nothing can come before them any more: what goes on from the last of them skips none. */
const behindTheHorizon = 'AND m.transaction_id < pg_snapshot_xmin(pg_current_snapshot())';

/** Straight from the store: every event that names the experiment, of all services, in the order of their commits. */
export class History {
  constructor(private readonly pool: Pool) {}

  /** With all that is committed: whoever has just stopped an experiment finds that in it, whatever else is still being written. */
  async of(experimentId: number, originalId: number): Promise<HistoryEntry[]> {
    return (await this.ofAll([{ id: experimentId, originalId }])).get(experimentId) ?? [];
  }

  /** Of several, each by its number. */
  async ofAll(experiments: readonly Historic[]): Promise<ReadonlyMap<number, HistoryEntry[]>> {
    const entries = new Map(experiments.map(({ id }): [number, HistoryEntry[]] => [id, []]));
    for (let cursor = theBeginning; experiments.length > 0; ) {
      const page = await this.#after(experiments, cursor, '');
      for (const row of page) entries.get(Number(row.data.experimentId))?.push(entryOf(row));
      const last = page.at(-1);
      if (!last || page.length < pageSize) break;
      cursor = cursorOf(last);
    }
    return entries;
  }

  /** For a stream that goes on where it broke off: `after` is the cursor of the last entry that was seen, null for all. */
  async after(experimentId: number, originalId: number, after: string | null): Promise<{ entry: HistoryEntry; cursor: string }[]> {
    const page = await this.#after([{ id: experimentId, originalId }], after === null ? theBeginning : parseCursor(after), behindTheHorizon);
    return page.map((row) => ({ entry: entryOf(row), cursor: cursorText(cursorOf(row)) }));
  }

  async #after(experiments: readonly Historic[], cursor: Cursor, only: string): Promise<EventRow[]> {
    const { rows } = await this.pool.query<EventRow>(
      `SELECT m.id, m.stream_name, m.type, m.data, m.metadata, m.time, m.transaction_id::text AS tx, m.global_position::text AS at FROM event_store.messages m
       WHERE m.stream_name = ANY ($1::text[]) AND (m.data ->> 'experimentId')::int = ANY ($2::integer[])
         AND (m.transaction_id, m.global_position) > ($3::xid8, $4::bigint) ${only}
       ORDER BY m.transaction_id, m.global_position LIMIT ${pageSize}`,
      [
        [...new Set(experiments.flatMap(({ id, originalId }) => [`experiment-${originalId}`, `outputs-${originalId}`, `run-${id}`, `logs-${id}`]))],
        experiments.map(({ id }) => id), cursor.transactionId, cursor.globalPosition,
      ],
    );
    return rows;
  }
}

/** Anything but a cursor of ours starts at the beginning: a client that lost its place must not lose events. */
export function parseCursor(text: string): Cursor {
  const [, transactionId, globalPosition] = /^(\d{1,19})\.(\d{1,18})$/.exec(text) ?? [];
  return transactionId && globalPosition ? { transactionId, globalPosition } : theBeginning;
}

export function cursorText({ transactionId, globalPosition }: Cursor): string {
  return `${transactionId}.${globalPosition}`;
}

export function cursorOf(row: EventRow): Cursor {
  return { transactionId: row.tx, globalPosition: row.at };
}

export function entryOf({ id, stream_name: stream, type, data, metadata, time }: EventRow): HistoryEntry {
  return { id, time: time.toISOString(), stream, type, actor: metadata.actor, caused_by: metadata.causationId ?? null, data };
}
