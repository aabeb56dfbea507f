// Which groups are there, and what do users read of them?
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { isGroupDone, type GroupBody, type GroupStatusBody } from '#contracts';
import type { Member } from '../group/next-step.ts';
import { searchableGroups } from '../query/group-fields.ts';
import { Listing, type Asked } from '../query/listing.ts';
import { columnsOf } from './columns.ts';
import { duration } from './experiment-body.ts';
import type { Slice } from './experiments.view.ts';
import { GroupRow, GroupStatusRow } from './group-rows.ts';

export interface GroupView {
  readonly body: GroupBody;
  readonly id: number;
  readonly projectId: number;
  readonly isDone: boolean;
  readonly isManaged: boolean;
}

interface Counts {
  readonly members: number;
  readonly pending: number;
  readonly scheduled: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly stopped: number;
  readonly startedAt: Date | null;
}

/** Of every experiment in the group, also those that users resumed or restarted there. */
const counts = `LEFT JOIN LATERAL (
  SELECT count(*)::int AS members, min(e.started_at) AS "startedAt",
    (count(*) FILTER (WHERE e.last_status IN ('created', 'copying')))::int AS pending,
    (count(*) FILTER (WHERE e.last_status IN ('scheduled', 'starting')))::int AS scheduled,
    (count(*) FILTER (WHERE e.last_status IN ('building', 'running', 'warning', 'unschedulable', 'unknown')))::int AS running,
    (count(*) FILTER (WHERE e.last_status = 'succeeded'))::int AS succeeded,
    (count(*) FILTER (WHERE e.last_status IN ('failed', 'upstream_failed')))::int AS failed,
    (count(*) FILTER (WHERE e.last_status IN ('stopped', 'skipped')))::int AS stopped
  FROM api_gateway.experiments e WHERE e.group_id = g.id AND NOT e.deleted
) c ON true`;

export class GroupsView {
  readonly #listing: Listing;
  #select: string | undefined;

  constructor(
    private readonly source: DataSource,
    private readonly pool: Pool,
  ) {
    this.#listing = new Listing(pool);
  }

  async find(id: number): Promise<GroupView | null> {
    const { rows } = await this.pool.query<GroupRow & Counts>(`${this.#selected} WHERE g.id = $1 AND NOT g.deleted`, [id]);
    return rows[0] ? viewOf(rows[0]) : null;
  }

  /** Newest first unless sorted. */
  async list(projectId: number, asked: Asked): Promise<{ count: number; results: GroupBody[]; next: string | null; previous: string | null }> {
    const { count, ids, next, previous } = await this.#listing.page(searchableGroups, projectId, asked);
    const { rows } = await this.pool.query<GroupRow & Counts>(`${this.#selected} WHERE g.id = ANY($1)`, [ids]);
    const found = new Map(rows.map((row) => [row.id, row]));
    const results = ids.flatMap((id) => {
      const row = found.get(id);
      return row ? [viewOf(row).body] : [];
    });
    return { count, results, next, previous };
  }

  async statuses(groupId: number, { limit, offset }: Slice): Promise<{ count: number; results: GroupStatusBody[] }> {
    const [rows, count] = await this.source.getRepository(GroupStatusRow).findAndCount({ where: { groupId }, order: { id: 'ASC' }, take: limit, skip: offset });
    const results = rows.map(({ id, uuid, status, message, createdAt }) => ({ id, uuid, experiment_group: groupId, created_at: createdAt.toISOString(), status, message }));
    return { count, results };
  }

  /** Ids in the project that look most like the one that isn't there; at most three. */
  async nearest(projectId: number, id: number): Promise<number[]> {
    const { rows } = await this.pool.query<{ id: number }>(`SELECT id FROM api_gateway.groups WHERE project_id = $1 AND NOT deleted ORDER BY abs(id - $2::bigint), id LIMIT 3`, [projectId, id]);
    return rows.map((row) => row.id);
  }

  /** Those somebody has to look after: not done, or deleted with members left. */
  async unfinished(): Promise<{ readonly id: number; readonly deleted: boolean }[]> {
    const { rows } = await this.pool.query<{ id: number; deleted: boolean }>(
      `SELECT g.id, g.deleted FROM api_gateway.groups g WHERE NOT g.deleted AND g.is_managed AND g.last_status NOT IN ('done', 'failed', 'upstream_failed', 'stopped', 'skipped')
       UNION ALL SELECT g.id, true FROM api_gateway.groups g WHERE g.deleted AND EXISTS (SELECT FROM api_gateway.experiments e WHERE e.group_id = g.id AND NOT e.deleted) ORDER BY id`,
    );
    return rows;
  }

  /** Every experiment in it, oldest first. */
  async members(groupId: number): Promise<Member[]> {
    const { rows } = await this.pool.query<Omit<Member, 'lastMetric'> & { lastMetric: Member['lastMetric'] | null }>(
      `SELECT e.id AS "experimentId", e.original_id AS "originalId", coalesce(e.cloning_strategy = 'resume', false) AS "isResume", e.last_status AS status, e.deleted AS "isDeleted",
         m.values AS "lastMetric" FROM api_gateway.experiments e LEFT JOIN api_gateway.last_metrics m ON m.experiment_id = e.id WHERE e.group_id = $1 ORDER BY e.id`,
      [groupId],
    );
    return rows.map((row) => ({ ...row, lastMetric: row.lastMetric ?? {} }));
  }

  get #selected(): string {
    return (this.#select ??= `SELECT ${columnsOf(this.source, GroupRow, 'g')}, c.* FROM api_gateway.groups g ${counts}`);
  }
}

function viewOf(row: GroupRow & Counts): GroupView {
  const { id, projectId, user, project, isManaged, startedAt, finishedAt } = row;
  const body: GroupBody = {
    id,
    uuid: row.uuid,
    name: row.name,
    unique_name: `${user}.${project}.${id}`,
    user: row.requestedBy,
    project: `${user}.${project}`,
    description: row.description,
    tags: row.tags,
    content: row.content,
    group_type: 'study',
    search_algorithm: row.searchAlgorithm,
    hptuning: row.hptuning,
    concurrency: row.concurrency,
    last_status: row.lastStatus,
    last_status_message: row.lastStatusMessage,
    iteration: row.iteration,
    num_experiments: row.members,
    num_scheduled_experiments: row.scheduled,
    num_pending_experiments: row.pending,
    num_running_experiments: row.running,
    num_succeeded_experiments: row.succeeded,
    num_failed_experiments: row.failed,
    num_stopped_experiments: row.stopped,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    started_at: startedAt?.toISOString() ?? null,
    finished_at: finishedAt?.toISOString() ?? null,
    total_run: startedAt && finishedAt ? duration(finishedAt.getTime() - startedAt.getTime()) : null,
    has_tensorboard: false,
    backend: null,
    is_managed: isManaged,
    source_id: row.sourceId,
    cloning_strategy: row.cloningStrategy,
    code_revision: row.codeRevision,
  };
  return { body, id, projectId, isDone: isGroupDone(row.lastStatus), isManaged };
}
