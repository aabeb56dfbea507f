// What should somebody see first of their runs?
import type { Pool } from 'pg';
import { isDone, type CheckpointOffer, type DoneBody, type HistoryEntry, type Measure, type NowBody, type RunningBody } from '#contracts';
import { offerOf } from '../experiment/offer-of.ts';
import type { RecentRefusals } from '../fleet/recent-refusals.ts';
import type { Waits } from '../fleet/waits.ts';
import type { Outputs } from '../outputs/outputs-reader.ts';
import type { Dismissals } from './dismissals.ts';
import { needsOf, type Known } from './needs.ts';

export interface NowParts {
  readonly pool: Pool;
  readonly waits: Pick<Waits, 'of'>;
  readonly refusals: Pick<RecentRefusals, 'lately'>;
  readonly dismissals: Pick<Dismissals, 'of'>;
  /** When the newest checkpoint in an outputs path was written; null: there is none. */
  readonly newestCheckpoint: (outputs: Outputs) => Promise<string | null>;
  readonly now: () => Date;
}

interface Row extends Outputs {
  id: number;
  originalId: number;
  name: string | null;
  user: string;
  project: string;
  status: string;
  message: string | null;
  isManaged: boolean;
  clone: string | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  wentOn: boolean;
  lastMetric: Record<string, Measure> | null;
}

const liveMax = 300;
const doneMax = 300;
const shownMax = 20;
const doneDays = 7;
/** Nobody saves so often, and the storage-manager looks at every file for it. */
const savedKnownMs = 10_000;
const rememberedMax = 1000;

const read = `
  SELECT e.id, e.original_id AS "originalId", e.name, e.user_name AS user, e.project_name AS project, e.last_status AS status, e.last_status_message AS message, e.is_managed AS "isManaged",
    e.cloning_strategy AS clone, e.started_at AS "startedAt", e.finished_at AS "finishedAt", e.outputs_path AS "outputsPath", e.outputs_store AS "outputsStore", m.values AS "lastMetric",
    EXISTS (SELECT FROM api_gateway.experiments c WHERE c.source_id = e.id) AS "wentOn"
  FROM api_gateway.experiments e LEFT JOIN api_gateway.last_metrics m ON m.experiment_id = e.id WHERE NOT e.deleted AND e.user_name = $1`;

export class Now {
  readonly #saved = new Map<number, { readonly atMs: number; readonly saved: string | null | undefined }>();

  constructor(private readonly parts: NowParts) {}

  async of(username: string): Promise<NowBody> {
    const { pool, waits, refusals, dismissals, now } = this.parts;
    const at = now();
    const [live, done, { waiting }, isDismissed, ever] = await Promise.all([
      pool.query<Row>(`${read} AND e.finished_at IS NULL ORDER BY e.id DESC LIMIT $2`, [username, liveMax]),
      pool.query<Row>(`${read} AND e.finished_at > $2 ORDER BY e.finished_at DESC LIMIT $3`, [username, new Date(at.getTime() - doneDays * 86_400_000), doneMax]),
      waits.of(username),
      dismissals.of(username),
      pool.query(`SELECT FROM api_gateway.projects p JOIN api_gateway.experiments e ON e.project_id = p.id WHERE p.user_name = $1 AND NOT p.deleted AND NOT e.deleted LIMIT 1`, [username]),
    ]);
    const running = live.rows.filter(({ startedAt }) => startedAt !== null);
    const [saved, offers] = await Promise.all([this.#savedOf(running.slice(0, shownMax), at), this.#offersOf(running)]);
    const known = [...live.rows, ...done.rows].map((row) => knownOf(row, offers.get(row.id) ?? [], saved));
    const needs = needsOf(known, waiting, refusals.lately().filter(({ by }) => by === username), at.getTime());
    const finished = done.rows.filter(({ id, status, finishedAt }) => !/failed$/.test(status) && !isDismissed(id, 'done', iso(finishedAt) ?? ''));
    return {
      at: at.toISOString(), has_runs: ever.rowCount === 1,
      needs: needs.filter(({ experiment, kind, since }) => !isDismissed(experiment.id, kind, since)),
      running: running.slice(0, shownMax).map((row) => runningOf(row, saved)), running_count: running.length,
      done: finished.slice(0, shownMax).map(doneOf), done_count: finished.length,
    };
  }

  /** Since each began: of a resume, its source's are no work of its own. Whoever can't say now says nothing. */
  async #savedOf(rows: readonly Row[], at: Date): Promise<ReadonlyMap<number, string | null>> {
    const found = new Map<number, string | null>();
    await Promise.all(rows.filter(({ isManaged }) => isManaged).map(async (row) => {
      const known = this.#saved.get(row.id);
      const isKnown = known !== undefined && at.getTime() - known.atMs < savedKnownMs;
      const saved = isKnown ? known.saved : await this.parts.newestCheckpoint(row).catch(() => undefined);
      if (!isKnown) this.#saved.set(row.id, { atMs: at.getTime(), saved });
      if (saved !== undefined) found.set(row.id, saved !== null && Date.parse(saved) > (row.startedAt?.getTime() ?? 0) ? saved : null);
    }));
    if (this.#saved.size > rememberedMax) this.#saved.clear();
    return found;
  }

  /** What tells whether they went on from what they were given. */
  async #offersOf(rows: readonly Row[]): Promise<ReadonlyMap<number, Pick<HistoryEntry, 'type' | 'data'>[]>> {
    const clones = rows.filter(({ clone }) => clone === 'resume' || clone === 'copy');
    const found = new Map<number, Pick<HistoryEntry, 'type' | 'data'>[]>(clones.map(({ id }) => [id, []]));
    if (clones.length === 0) return found;
    const { rows: events } = await this.parts.pool.query<{ id: number; type: string; data: Record<string, unknown> & { checkpoint?: CheckpointOffer } }>(
      `SELECT (data ->> 'experimentId')::int AS id, type, data FROM event_store.messages WHERE stream_name = ANY ($1) AND type = ANY ($2) ORDER BY transaction_id, global_position`,
      [clones.flatMap(({ id, originalId }) => [`experiment-${originalId}`, `outputs-${originalId}`, `run-${id}`]), ['OutputsPrepared', 'OutputsCopied', 'ExperimentCheckpointReported', 'RunCheckpointSeen']],
    );
    for (const { id, ...event } of events) found.get(id)?.push(event);
    return found;
  }
}

function knownOf(row: Row, history: readonly Pick<HistoryEntry, 'type' | 'data'>[], saved: ReadonlyMap<number, string | null>): Known {
  const { id, name, user, project, status, message, wentOn } = row;
  const savedAt = saved.get(id);
  return {
    experiment: { id, name, user, project, last_status: status }, isLive: !isDone(status), startedAt: iso(row.startedAt), finishedAt: iso(row.finishedAt), message, wentOn,
    offer: offerOf(history), ...(savedAt !== undefined && { savedAt }),
  };
}

function runningOf(row: Row, saved: ReadonlyMap<number, string | null>): RunningBody {
  const savedAt = saved.get(row.id);
  return { experiment: shownOf(row), started_at: iso(row.startedAt) ?? '', last_metric: row.lastMetric ?? {}, ...(savedAt !== undefined && { saved_at: savedAt }) };
}

function doneOf(row: Row): DoneBody {
  return { experiment: shownOf(row), finished_at: iso(row.finishedAt) ?? '', started_at: iso(row.startedAt), last_metric: row.lastMetric ?? {} };
}

function shownOf({ id, name, user, project, status }: Row): RunningBody['experiment'] {
  return { id, name, user, project, last_status: status };
}

function iso(time: Date | null): string | null {
  return time && time.toISOString();
}
