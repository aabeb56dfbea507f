// How much work was done and then done again, because what went on began at an older checkpoint?
import type { Pool } from 'pg';
import type { CheckpointOffer, LostWorkBody, ResumesBody } from '#contracts';

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

/** Of each that went on after an end, what is known of it last; what its program says itself counts more than what was seen. */
export function resumesIn(chain: readonly ChainEvent[]): ResumesBody['verdict'][] {
  const resumes = new Map<string, { verdict: ResumesBody['verdict']; isSaid: boolean }>();
  let hasEnded = false;
  for (const { type, data } of chain) {
    const attempt = (data.attempt as number | undefined) ?? 1;
    const key = `${String(data.experimentId)} ${attempt}`;
    if (ends.has(type) && data.wasStarted === true) hasEnded = true;
    else if (type === 'OutputsPrepared' && hasEnded) resumes.set(key, { verdict: (data.checkpoint as CheckpointOffer | undefined)?.offered ? 'unknown' : 'none', isSaid: false });
    else if (type === 'RunCheckpointSeen' || type === 'ExperimentCheckpointReported') {
      const isSaid = type === 'ExperimentCheckpointReported';
      const known = resumes.get(attempt === 0 ? ([...resumes.keys()].findLast((one) => one.startsWith(`${String(data.experimentId)} `)) ?? '') : key);
      if (known && known.verdict !== 'none' && (isSaid || !known.isSaid)) Object.assign(known, { verdict: data.read, isSaid });
    }
  }
  return [...resumes.values()].map(({ verdict }) => verdict);
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

export interface Counted {
  readonly losses: readonly LostWorkBody[];
  readonly resumes: readonly ResumesBody[];
}

export class LostWork {
  #known: { readonly atMs: number; readonly counted: Promise<Counted> } | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly now: () => Date,
  ) {}

  lately(): Promise<Counted> {
    const atMs = this.now().getTime();
    if (this.#known && atMs - this.#known.atMs < trueForMs) return this.#known.counted;
    const counted = this.#count();
    this.#known = { atMs, counted };
    counted.catch(() => (this.#known = undefined));
    return counted;
  }

  async #count(): Promise<Counted> {
    const { rows: chains } = await this.pool.query<{ original: number; ids: number[] }>(
      `SELECT original_id AS original, array_agg(id) AS ids FROM api_gateway.experiments WHERE original_id IN (
         SELECT original_id FROM api_gateway.experiments WHERE (cloning_strategy = 'resume' OR attempt > 1) AND created_at > $1 ORDER BY id DESC LIMIT $2) GROUP BY 1`,
      [new Date(this.now().getTime() - lostWorkDays * 86_400_000), originalsMax],
    );
    const originalOf = new Map(chains.flatMap(({ original, ids }) => ids.map((id) => [id, original] as const)));
    const streams = chains.flatMap(({ original, ids }) => [`experiment-${original}`, `outputs-${original}`, ...ids.map((id) => `run-${id}`)]);
    const { rows: events } = await this.pool.query<{ id: number; type: string; data: Record<string, unknown> }>(
      `SELECT (data ->> 'experimentId')::int AS id, type, data FROM event_store.messages WHERE stream_name = ANY ($1) AND type = ANY ($2) ORDER BY transaction_id, global_position`,
      [streams, ['RunStarted', 'OutputsPrepared', 'RunCheckpointSeen', 'ExperimentCheckpointReported', ...ends]],
    );
    const byChain = new Map<number, ChainEvent[]>(chains.map(({ original }) => [original, []]));
    for (const { id, ...event } of events) byChain.get(originalOf.get(id) ?? -1)?.push(event);
    const known = [...byChain.values()];
    return { losses: summed(known.flatMap(lossesIn)), resumes: timesOf(known.flatMap(resumesIn)) };
  }
}

function timesOf(verdicts: readonly ResumesBody['verdict'][]): ResumesBody[] {
  return [...new Set(verdicts)].sort().map((verdict) => ({ verdict, times: verdicts.filter((one) => one === verdict).length }));
}

function summed(losses: readonly Loss[]): LostWorkBody[] {
  const causes = new Map<Loss['cause'], LostWorkBody>();
  for (const { cause, seconds } of losses) {
    const known = causes.get(cause) ?? { cause, times: 0, seconds: 0 };
    causes.set(cause, { cause, times: known.times + 1, seconds: known.seconds + seconds });
  }
  return [...causes.values()].sort((a, b) => b.seconds - a.seconds);
}
