// What happens anywhere on the platform, as far as somebody may see it?
import type { Pool } from 'pg';
import type { EventType, HistoryEntry } from '#contracts';
import { theBeginning, type Cursor } from '#event-store';
import { cursorOf, cursorText, entryOf, parseCursor, type EventRow } from './history.ts';
import { viewsSchema as schema } from './view.ts';

/** All that are given must hold. */
export interface EventFilter {
  readonly types?: readonly EventType[];
  readonly experimentId?: number;
  /** Whose projects, and the public ones, are seen; null: all of them. */
  readonly reader: string | null;
}

interface Row extends EventRow {
  is_wanted: boolean;
}

/** Rows that are looked at in one statement, wanted or not, so that a rare event never makes it long. */
const windowSize = 1000;

/** The window first, then what is wanted of it: what is skipped is never looked at twice. */
const look = `
  WITH seen AS MATERIALIZED (
    SELECT m.* FROM event_store.messages m
    WHERE (m.transaction_id, m.global_position) > ($1::xid8, $2::bigint) AND m.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY m.transaction_id, m.global_position LIMIT ${windowSize}
  )
  SELECT seen.id, seen.stream_name, seen.type, seen.data, seen.metadata, seen.time, seen.transaction_id::text AS tx, seen.global_position::text AS at,
    ($3::text[] IS NULL OR seen.type = ANY ($3)) AND ($4::int IS NULL OR (seen.data ->> 'experimentId')::int = $4)
      AND ($5::text IS NULL OR project.is_public OR project.user_name = $5) AS is_wanted
  FROM seen
  LEFT JOIN ${schema}.experiments experiment ON experiment.id = (seen.data ->> 'experimentId')::int
  LEFT JOIN ${schema}.groups experiment_group ON experiment_group.id = (seen.data ->> 'groupId')::int
  LEFT JOIN ${schema}.projects project ON project.id = COALESCE(experiment.project_id, experiment_group.project_id, (seen.data ->> 'projectId')::int)
  ORDER BY seen.transaction_id, seen.global_position`;

export class AllEvents {
  constructor(private readonly pool: Pool) {}

  /** Behind everything that is committed now. */
  async now(): Promise<string> {
    const { rows } = await this.pool.query<{ xmin: string }>('SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin');
    return cursorText({ transactionId: rows[0]?.xmin ?? '0', globalPosition: '0' });
  }

  /** Pages for a stream of events: each call goes on where the last one has looked, which may be further than the last event that was wanted. */
  from(start: string | null, filter: EventFilter): () => Promise<{ entry: HistoryEntry; cursor: string }[]> {
    let cursor: Cursor = start === null ? theBeginning : parseCursor(start);
    const { types = null, experimentId = null, reader } = filter;
    return async () => {
      for (;;) {
        const { rows } = await this.pool.query<Row>(look, [cursor.transactionId, cursor.globalPosition, types, experimentId, reader]);
        const last = rows.at(-1);
        if (last) cursor = cursorOf(last);
        const wanted = rows.filter(({ is_wanted }) => is_wanted);
        if (wanted.length > 0 || rows.length < windowSize) return wanted.map((row) => ({ entry: entryOf(row), cursor: cursorText(cursorOf(row)) }));
      }
    };
  }
}
