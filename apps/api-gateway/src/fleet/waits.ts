// Which experiments wait, and for what?
import type { Pool } from 'pg';
import type { HistoryEntry, WaitBody, WaitingBody } from '#contracts';
import { waitsFor } from './waits-for.ts';

export interface Waiting {
  readonly id: number;
  readonly user: string;
  readonly project: string;
  readonly wait: WaitBody;
}

interface Live {
  id: number;
  original: number;
  user: string;
  project: string;
}

/** Those that don't run come first, the oldest of them before all others. */
const lookedAtMax = 500;
const namedMax = 5;

export class Waits {
  constructor(private readonly pool: Pool) {}

  /** Of one owner's projects, or of all. */
  async of(owner: string | null): Promise<{ readonly lookedAt: number; readonly waiting: readonly Waiting[] }> {
    const { rows: live } = await this.pool.query<Live>(
      `SELECT id, original_id AS original, user_name AS user, project_name AS project FROM api_gateway.experiments
       WHERE NOT deleted AND finished_at IS NULL AND is_managed AND ($1::text IS NULL OR user_name = $1) ORDER BY last_status = 'running', id LIMIT $2`,
      [owner, lookedAtMax],
    );
    const stories = await this.#stories(live);
    const waiting = live.flatMap(({ id, user, project }) => {
      const wait = waitsFor(stories.get(id) ?? []);
      return wait ? [{ id, user, project, wait }] : [];
    });
    return { lookedAt: live.length, waiting };
  }

  async #stories(live: readonly Live[]): Promise<ReadonlyMap<number, Pick<HistoryEntry, 'type' | 'time' | 'data'>[]>> {
    const stories = new Map<number, Pick<HistoryEntry, 'type' | 'time' | 'data'>[]>(live.map(({ id }) => [id, []]));
    const streams = live.flatMap(({ id, original }) => [`experiment-${original}`, `outputs-${original}`, `run-${id}`, `logs-${id}`]);
    const { rows } = await this.pool.query<{ id: number; type: string; time: Date; data: Record<string, unknown> }>(
      `SELECT (data ->> 'experimentId')::int AS id, type, time, jsonb_build_object('isManaged', data -> 'isManaged', 'reason', data -> 'reason', 'attempt', data -> 'attempt',
         'nextAttemptAt', data -> 'nextAttemptAt', 'wasStarted', data -> 'wasStarted') AS data
       FROM event_store.messages WHERE stream_name = ANY ($1) ORDER BY transaction_id, global_position`,
      [[...new Set(streams)]],
    );
    for (const { id, type, time, data } of rows) stories.get(id)?.push({ type, time: time.toISOString(), data });
    return stories;
  }
}

/** Alike in reason, the longest first. */
export function byReason(waiting: readonly Waiting[]): WaitingBody[] {
  const alike = new Map<string, Waiting[]>();
  for (const one of waiting) {
    const key = `${one.wait.kind} ${one.wait.service} ${one.wait.reason}`;
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return [...alike.values()]
    .map((group) => {
      const [oldest, ...others] = group.sort((a, b) => Date.parse(a.wait.since) - Date.parse(b.wait.since)) as [Waiting, ...Waiting[]];
      const { since, ...wait } = oldest.wait;
      const experiments = [oldest, ...others].slice(0, namedMax).map(({ id, user, project, wait: { since: from } }) => ({ id, user, project, since: from }));
      return { ...wait, count: group.length, oldest_since: since, experiments };
    })
    .sort((a, b) => Date.parse(a.oldest_since) - Date.parse(b.oldest_since));
}
