// Which copies of outputs run, and which have lately ended?
import type { Pool } from 'pg';
import { doneStatuses, type CopyBody } from '#contracts';
import type { OutputsReader } from '../outputs/outputs-reader.ts';
import { viewsSchema as schema } from '../views/view.ts';
import { copyBody, type CopyRow } from './copy-body.ts';

const latelyMs = 24 * 3_600_000;
const listedMax = 200;

export class Copies {
  constructor(
    private readonly pool: Pool,
    private readonly outputs: Pick<OutputsReader, 'copies'>,
    private readonly now: () => Date,
  ) {}

  /** The newest first. `reader`: whose projects, and the public ones; null: all of them. */
  async of(reader: string | null): Promise<CopyBody[]> {
    // Tasks first: one that ends meanwhile has told its outcome when that is read.
    const tasks = new Map((await this.outputs.copies()).map((task) => [task.experiment_id, task]));
    const { rows } = await this.pool.query<CopyRow>(
      `SELECT e.id, e.name, e.user_name AS "user", e.project_name AS project, e.requested_by AS "requestedBy", e.source_id AS "sourceId", e.outputs_path AS "outputsPath", e.last_status = ANY ($3) AS "isDone",
         e.created_at AS "createdAt", e.finished_at AS "finishedAt", outcome.told AS outcome
       FROM ${schema}.experiments e JOIN ${schema}.projects p ON p.id = e.project_id
       LEFT JOIN LATERAL (
         SELECT jsonb_build_object('type', m.type, 'data', m.data) AS told FROM event_store.messages m
         WHERE m.stream_name = 'outputs-' || e.original_id AND m.type IN ('OutputsCopied', 'OutputsCopyFailed') AND (m.data ->> 'experimentId')::int = e.id ORDER BY m.position DESC LIMIT 1
       ) outcome ON true
       WHERE e.cloning_strategy = 'copy' AND NOT e.deleted AND ($1::text IS NULL OR p.is_public OR p.user_name = $1) AND (e.last_status IN ('created', 'copying') OR e.created_at > $2 OR e.id = ANY ($4))
       ORDER BY e.id DESC LIMIT ${listedMax}`,
      [reader, new Date(this.now().getTime() - latelyMs), doneStatuses, [...tasks.keys()]],
    );
    return rows.map((row) => copyBody(row, tasks.get(row.id)));
  }
}
