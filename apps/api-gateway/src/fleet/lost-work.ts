// How much work was done and then done again, because what went on began at an older checkpoint?
import type { Pool } from 'pg';
import type { CheckpointOffer, LostWorkBody } from '#contracts';

export interface ChainEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Loss {
  readonly cause: LostWorkBody['cause'];
  readonly seconds: number;
}

const ends = new Set(['RunStopped', 'RunFailed', 'RunAttemptFailed', 'RunPreempted', 'RunSucceeded']);

/**
 * Of an original and all its resumes, in order: each time something goes on from a checkpoint, what was done between that checkpoint and the end before it is lost, at most what that attempt has done.
 * Without a checkpoint that the platform knows nobody can tell. A run that has succeeded has nothing to lose: a resume of it trains further.
 */
export function lossesIn(chain: readonly ChainEvent[]): Loss[] {
  const losses: Loss[] = [];
  let startedAt: number | null = null;
  let ended: { readonly type: string; readonly at: number; readonly beganAt: number; readonly why: unknown } | null = null;
  for (const { type, data } of chain) {
    if (type === 'RunStarted') startedAt = Date.parse(String(data.startedAt));
    else if (ends.has(type) && data.wasStarted === true && startedAt !== null) ended = { type, at: Date.parse(String(data.endedAt)), beganAt: startedAt, why: data.cause ?? data.reason };
    else if (type === 'OutputsPrepared' && ended) {
      const offered = (data.checkpoint as CheckpointOffer | undefined)?.offered;
      if (offered && ended.type !== 'RunSucceeded') losses.push({ cause: causeOf(ended), seconds: secondsLost(ended.beganAt, ended.at, Date.parse(offered.modifiedAt)) });
      ended = null;
    }
  }
  return losses;
}

/** Between a checkpoint and the end of the attempt that wrote it, or only read it: in milliseconds; null: there is none. */
export function secondsLost(beganAt: number, endedAt: number, savedAt: number | null): number {
  return Math.max(0, endedAt - Math.max(beganAt, savedAt ?? beganAt)) / 1000;
}

const named: readonly unknown[] = ['evicted', 'node-lost', 'preempted', 'out-of-memory', 'lost'] satisfies Loss['cause'][];

function causeOf({ type, why }: { readonly type: string; readonly why: unknown }): Loss['cause'] {
  if (type === 'RunStopped') return 'stopped';
  if (named.includes(why)) return why as Loss['cause'];
  if (why === 'infrastructure') return 'lost';
  return type === 'RunPreempted' ? 'preempted' : 'failed';
}

export const lostWorkDays = 7;
const originalsMax = 500;
/** Nobody needs it by the second. */
const trueForMs = 30_000;

export class LostWork {
  #known: { readonly atMs: number; readonly losses: Promise<readonly LostWorkBody[]> } | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly now: () => Date,
  ) {}

  lately(): Promise<readonly LostWorkBody[]> {
    const atMs = this.now().getTime();
    if (this.#known && atMs - this.#known.atMs < trueForMs) return this.#known.losses;
    const losses = this.#count();
    this.#known = { atMs, losses };
    losses.catch(() => (this.#known = undefined));
    return losses;
  }

  async #count(): Promise<readonly LostWorkBody[]> {
    const { rows: chains } = await this.pool.query<{ original: number; ids: number[] }>(
      `SELECT original_id AS original, array_agg(id) AS ids FROM api_gateway.experiments WHERE original_id IN (
         SELECT original_id FROM api_gateway.experiments WHERE (cloning_strategy = 'resume' OR attempt > 1) AND created_at > $1 ORDER BY id DESC LIMIT $2) GROUP BY 1`,
      [new Date(this.now().getTime() - lostWorkDays * 86_400_000), originalsMax],
    );
    const originalOf = new Map(chains.flatMap(({ original, ids }) => ids.map((id) => [id, original] as const)));
    const streams = chains.flatMap(({ original, ids }) => [`outputs-${original}`, ...ids.map((id) => `run-${id}`)]);
    const { rows: events } = await this.pool.query<{ id: number; type: string; data: Record<string, unknown> }>(
      `SELECT (data ->> 'experimentId')::int AS id, type, data FROM event_store.messages WHERE stream_name = ANY ($1) AND type = ANY ($2) ORDER BY transaction_id, global_position`,
      [streams, ['RunStarted', 'OutputsPrepared', ...ends]],
    );
    const byChain = new Map<number, ChainEvent[]>(chains.map(({ original }) => [original, []]));
    for (const { id, ...event } of events) byChain.get(originalOf.get(id) ?? -1)?.push(event);
    return summed([...byChain.values()].flatMap(lossesIn));
  }
}

function summed(losses: readonly Loss[]): LostWorkBody[] {
  const causes = new Map<Loss['cause'], LostWorkBody>();
  for (const { cause, seconds } of losses) {
    const known = causes.get(cause) ?? { cause, times: 0, seconds: 0 };
    causes.set(cause, { cause, times: known.times + 1, seconds: known.seconds + seconds });
  }
  return [...causes.values()].sort((a, b) => b.seconds - a.seconds);
}
