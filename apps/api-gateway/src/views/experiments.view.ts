// Which experiments are there, and what do users read of them?
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { doneStatuses, groupDoneStatuses, isDone, type ExperimentBody, type LineageBody, type StatusBody, type Measure } from '#contracts';
import { columnsOf } from './columns.ts';
import { bodyOf } from './experiment-body.ts';
import { ExperimentRow, StatusRow } from './entities.ts';
import { searchableExperiments } from '../query/experiment-fields.ts';
import { Listing } from '../query/listing.ts';
import type { Condition } from '../query/parse-query.ts';

export interface ExperimentView {
  readonly body: ExperimentBody;
  readonly id: number;
  readonly projectId: number;
  readonly ownerUser: string;
  readonly groupId: number | null;
  readonly originalId: number;
  readonly outputsPath: string;
  readonly outputsStore: string;
  readonly logsPath: string;
  readonly isDone: boolean;
  readonly isManaged: boolean;
  readonly attempt: number;
  /** The latest that has ended and is followed by another; 0: none. */
  readonly overAttempt: number;
}

/** An experiment, or (`searches`) a group. */
export interface OutputsUser {
  readonly originalId: number;
  readonly id: number;
  readonly how: 'copies' | 'reads' | 'searches';
  readonly isLive: boolean;
}

export interface Slice {
  readonly limit: number;
  readonly offset: number;
}

export interface ExperimentListing extends Slice {
  /** `status: running|failed, metrics.loss: <=0.1, ~name: foo` */
  readonly query?: string;
  /** `-metrics.loss, started_at` */
  readonly sort?: string;
  readonly independent?: boolean;
  readonly group?: number;
  /** Of an earlier page's `next` or `previous`. */
  readonly cursor?: string;
  /** Without what may be long and no list shows. */
  readonly brief?: boolean;
}

/** A page, and the cursors of those beside it. */
export interface ExperimentPage {
  readonly count: number;
  readonly results: ExperimentBody[];
  readonly next: string | null;
  readonly previous: string | null;
}

type FoundRow = ExperimentRow & { lastMetric: Record<string, Measure> | null };

export class ExperimentsView {
  readonly #listing: Listing;
  readonly #selectTexts = new Map<boolean, string>();

  constructor(
    private readonly source: DataSource,
    private readonly pool: Pool,
  ) {
    this.#listing = new Listing(pool);
  }

  /** What every request about an experiment reads. */
  async find(id: number): Promise<ExperimentView | null> {
    const { rows } = await this.pool.query<FoundRow>({ name: 'experiment', text: `${this.#select()} WHERE e.id = $1 AND NOT e.deleted`, values: [id] });
    return rows[0] ? viewOf(rows[0], rows[0].lastMetric ?? {}) : null;
  }

  /** Those of them that there are, in any order, without what may be long. */
  async several(ids: readonly number[]): Promise<ExperimentView[]> {
    const { rows } = await this.pool.query<FoundRow>({ name: 'experiments-brief', text: `${this.#select(true)} WHERE e.id = ANY($1)`, values: [ids] });
    return rows.filter((row) => !row.deleted).map((row) => viewOf(row, row.lastMetric ?? {}));
  }

  /** An original and all its resumes. */
  async chain(originalId: number): Promise<ExperimentBody[]> {
    const { rows } = await this.pool.query<FoundRow>({ name: 'chain', text: `${this.#select()} WHERE e.original_id = $1 AND NOT e.deleted ORDER BY e.id`, values: [originalId] });
    return rows.map((row) => bodyOf(row, row.lastMetric ?? {}));
  }

  async findNamed(projectId: number, name: string): Promise<ExperimentView | null> {
    const { rows } = await this.pool.query<{ id: number }>(`SELECT id FROM api_gateway.experiments WHERE project_id = $1 AND name = $2 AND NOT deleted`, [projectId, name]);
    return rows[0] ? this.find(rows[0].id) : null;
  }

  /** Newest first unless sorted. */
  async list(projectId: number, { independent = false, group, brief = false, ...asked }: ExperimentListing): Promise<ExperimentPage> {
    const scope = [...(independent ? [isOf('independent', 'true')] : []), ...(group === undefined ? [] : [isOf('group', String(group))])];
    const { count, ids, next, previous } = await this.#listing.page(searchableExperiments, projectId, asked, scope);
    const { rows } = await this.pool.query<FoundRow>({ name: brief ? 'experiments-brief' : 'experiments', text: `${this.#select(brief)} WHERE e.id = ANY($1)`, values: [ids] });
    const found = new Map(rows.map((row) => [row.id, row]));
    const results = ids.flatMap((id) => {
      const row = found.get(id);
      return row ? [bodyOf(row, row.lastMetric ?? {})] : [];
    });
    return { count, results, next, previous };
  }

  /** Digests of the data it read, by name. */
  async dataRefsOf(id: number): Promise<Readonly<Record<string, unknown>>> {
    const [row] = await this.source.query<{ data_refs: Record<string, unknown> | null }[]>(`SELECT data_refs FROM api_gateway.experiments WHERE id = $1`, [id]);
    return row?.data_refs ?? {};
  }

  async statuses(experimentId: number, { limit, offset }: Slice): Promise<{ count: number; results: StatusBody[] }> {
    const [rows, count] = await this.source.getRepository(StatusRow).findAndCount({ where: { experimentId }, order: { createdAt: 'ASC', id: 'ASC' }, take: limit, skip: offset });
    const results = rows.map(({ id, uuid, status, message, traceback, createdAt }) => ({ id, uuid, experiment: experimentId, created_at: createdAt.toISOString(), status, message, traceback }));
    return { count, results };
  }

  /** Ids that exist in the project and look most like the one that doesn't; at most three. */
  async nearest(projectId: number, id: number): Promise<number[]> {
    const rows = await this.source.query<{ id: number }[]>(
      `SELECT id FROM api_gateway.experiments WHERE project_id = $1 AND NOT deleted ORDER BY abs(id - $2::bigint), id LIMIT 3`,
      [projectId, id],
    );
    return rows.map((row) => row.id);
  }

  /** The same over all projects that `reader` may read; null: over all there are. */
  async nearestReadable(reader: string | null, id: number): Promise<number[]> {
    const rows = await this.source.query<{ id: number }[]>(
      `SELECT e.id FROM api_gateway.experiments e JOIN api_gateway.projects p ON p.id = e.project_id
       WHERE NOT e.deleted AND ($1::text IS NULL OR p.is_public OR p.user_name = $1) ORDER BY abs(e.id - $2::bigint), e.id LIMIT 3`,
      [reader, id],
    );
    return rows.map((row) => row.id);
  }

  /** Whose programs, copies and searches use the outputs of these originals, now or, when they are not live, if they went on. */
  async usersOf(originalIds: readonly number[]): Promise<OutputsUser[]> {
    const { rows } = await this.pool.query<OutputsUser>(
      `SELECT source.original_id AS "originalId", clone.id, 'copies' AS how, true AS "isLive"
         FROM api_gateway.experiments clone JOIN api_gateway.experiments source ON source.id = clone.source_id
         WHERE source.original_id = ANY ($1) AND clone.cloning_strategy = 'copy' AND clone.last_status IN ('created', 'copying')
       UNION ALL SELECT r.original, e.id, 'reads', e.last_status <> ALL ($2::text[])
         FROM api_gateway.experiments e CROSS JOIN LATERAL unnest(e.outputs_references) AS r (original)
         WHERE e.outputs_references && $1::integer[] AND r.original = ANY ($1) AND NOT e.deleted
       UNION ALL SELECT DISTINCT e.original_id, g.id, 'searches', true
         FROM api_gateway.experiments e JOIN api_gateway.groups g ON g.id = e.group_id
         WHERE e.original_id = ANY ($1) AND NOT e.deleted AND NOT g.deleted AND g.last_status <> ALL ($3::text[])
       ORDER BY 2`,
      [originalIds, doneStatuses, groupDoneStatuses],
    );
    return rows;
  }

  /** Members of a group whose outputs are to stay. */
  async pinnedIn(groupId: number): Promise<number[]> {
    const { rows } = await this.pool.query<{ id: number }>(`SELECT id FROM api_gateway.experiments WHERE group_id = $1 AND is_pinned AND NOT deleted ORDER BY id`, [groupId]);
    return rows.map(({ id }) => id);
  }

  /** Live experiments whose outputs are being filled from those of `originalId`. */
  async copiersOf(originalId: number): Promise<number[]> {
    return (await this.usersOf([originalId])).filter(({ how }) => how === 'copies').map(({ id }) => id);
  }

  /** Live experiments whose programs read the outputs of `originalId`. */
  async readersOf(originalId: number): Promise<number[]> {
    return (await this.usersOf([originalId])).filter(({ how, isLive }) => how === 'reads' && isLive).map(({ id }) => id);
  }

  /** The whole tree the experiment belongs to: up to the first source, and down to every clone. */
  async lineage(experimentId: number): Promise<LineageBody> {
    const nodes = await this.source.query<LineageBody['nodes'][number][]>(
      `WITH RECURSIVE up AS (
         SELECT id, source_id FROM api_gateway.experiments WHERE id = $1
         UNION SELECT e.id, e.source_id FROM api_gateway.experiments e JOIN up ON e.id = up.source_id
       ), down AS (
         SELECT id FROM up WHERE source_id IS NULL OR NOT EXISTS (SELECT 1 FROM api_gateway.experiments e WHERE e.id = up.source_id)
         UNION SELECT e.id FROM api_gateway.experiments e JOIN down ON e.source_id = down.id
       )
       SELECT id, name, last_status, source_id, cloning_strategy, outputs_path, deleted FROM api_gateway.experiments WHERE id IN (SELECT id FROM down) ORDER BY id`,
      [experimentId],
    );
    return { experiment_id: experimentId, nodes };
  }

  #select(brief = false): string {
    const known = this.#selectTexts.get(brief);
    if (known !== undefined) return known;
    const columns = columnsOf(this.source, ExperimentRow, 'e');
    const read = brief ? columns.replace('e.content AS', `'' AS`).replace('e.command AS', `'' AS`).replace('e.run_env AS', 'NULL::jsonb AS') : columns;
    const text = `SELECT ${read}, m.values AS "lastMetric" FROM api_gateway.experiments e LEFT JOIN api_gateway.last_metrics m ON m.experiment_id = e.id`;
    this.#selectTexts.set(brief, text);
    return text;
  }
}

function isOf(field: string, text: string): Condition {
  return { field, at: 0, negated: false, terms: [{ kind: 'is', operand: { text, at: 0, quoted: false } }] };
}

function viewOf(row: ExperimentRow, lastMetric: Record<string, Measure>): ExperimentView {
  return {
    body: bodyOf(row, lastMetric),
    id: row.id,
    projectId: row.projectId,
    ownerUser: row.user,
    groupId: row.groupId,
    originalId: row.originalId,
    outputsPath: row.outputsPath,
    outputsStore: row.outputsStore,
    logsPath: row.logsPath,
    isDone: isDone(row.lastStatus),
    isManaged: row.isManaged,
    attempt: row.attempt,
    overAttempt: row.overAttempt,
  };
}
