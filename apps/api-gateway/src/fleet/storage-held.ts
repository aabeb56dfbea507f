// Whose outputs take how much room?
import type { Pool } from 'pg';
import type { StorageHeldBody, StorageHolderBody } from '#contracts';
import type { Outputs } from '../outputs/outputs-reader.ts';

/** An outputs path that is there. */
export interface Held extends Outputs {
  readonly originalId: number;
  readonly user: string;
  readonly project: string;
  /** When the last of its runs has ended; null: one goes on, and may write. */
  readonly endedAtMs: number | null;
}

export interface Measured {
  readonly files: number;
  readonly sizeBytes: number;
  /** When it was begun. */
  readonly atMs: number;
  readonly tookMs: number;
}

const measuredMax = 5000;
const holdersMax = 50;
const biggestMax = 3;
const atOnce = 2;
/** Of one that is written to; one that takes long to measure is measured less often. */
const staleAfterMs = 60_000;
const restsPerMeasure = 20;
/** What an end leaves behind may still come for so long: logs, the last of what is carried. */
const settledAfterMs = 60_000;
const listedEveryMs = 15_000;

/** What was measured after all its runs had ended stays true. */
export function isStale({ endedAtMs }: Pick<Held, 'endedAtMs'>, measured: Measured | undefined, nowMs: number): boolean {
  if (!measured) return true;
  if (endedAtMs !== null && measured.atMs > endedAtMs + settledAfterMs) return false;
  return nowMs - measured.atMs > Math.max(staleAfterMs, restsPerMeasure * measured.tookMs);
}

/** Who holds most comes first. */
export function holdersOf(held: readonly Held[], measured: ReadonlyMap<number, Measured>): StorageHolderBody[] {
  const holders = new Map<string, Held[]>();
  for (const one of held) {
    const key = `${one.user}/${one.project}`;
    holders.set(key, [...(holders.get(key) ?? []), one]);
  }
  return [...holders.values()]
    .map((theirs) => {
      const known = theirs.flatMap(({ originalId: id }) => {
        const found = measured.get(id);
        return found ? [{ id, size_bytes: found.sizeBytes, measured_at: new Date(found.atMs).toISOString(), files: found.files }] : [];
      });
      const { user, project } = theirs[0] as Held;
      const sum = (of: 'files' | 'size_bytes') => known.reduce((total, one) => total + one[of], 0);
      const biggest = [...known].sort((a, b) => b.size_bytes - a.size_bytes).slice(0, biggestMax).map(({ files: _, ...one }) => one);
      return { user, project, outputs: theirs.length, measured: known.length, files: sum('files'), size_bytes: sum('size_bytes'), biggest };
    })
    .sort((a, b) => b.size_bytes - a.size_bytes || b.outputs - a.outputs);
}

interface Row extends Outputs {
  id: number;
  user: string;
  project: string;
  ended: Date | null;
  isLive: boolean;
  all: number;
}

export interface StorageHeldParts {
  readonly pool: Pool;
  readonly usage: (outputs: Outputs) => Promise<{ readonly files: number; readonly size_bytes: number }>;
  readonly now: () => Date;
}

/** Walks through outputs, a few at a time, and only when somebody looks: each look tells what is known by now. In memory, of this gateway. */
export class StorageHeld {
  readonly #measured = new Map<number, Measured>();
  #listed: { readonly atMs: number; readonly held: Promise<{ readonly all: number; readonly held: readonly Held[] }> } | undefined;
  #measuring: Promise<void> | undefined;
  #problem: string | null = null;
  #isOver = false;

  constructor(private readonly parts: StorageHeldParts) {}

  async look(): Promise<StorageHeldBody> {
    const { all, held } = await this.#list();
    this.#measuring ??= this.#measure(held).finally(() => (this.#measuring = undefined));
    const holders = holdersOf(held, this.#measured);
    const sum = (of: 'measured' | 'size_bytes') => holders.reduce((total, one) => total + one[of], 0);
    return {
      at: this.parts.now().toISOString(), outputs: all, measured: sum('measured'), size_bytes: sum('size_bytes'), holders: holders.slice(0, holdersMax),
      others: Math.max(0, holders.length - holdersMax), problem: this.#problem,
    };
  }

  /** Nothing more is begun; what is being listed may take long, and nobody waits for it. */
  stop(): void {
    this.#isOver = true;
  }

  #list(): Promise<{ readonly all: number; readonly held: readonly Held[] }> {
    const atMs = this.#nowMs();
    if (this.#listed && atMs - this.#listed.atMs < listedEveryMs) return this.#listed.held;
    const held = this.#find();
    this.#listed = { atMs, held };
    held.catch(() => (this.#listed = undefined));
    return held;
  }

  async #find(): Promise<{ readonly all: number; readonly held: readonly Held[] }> {
    const { rows } = await this.parts.pool.query<Row>(
      `SELECT original_id AS id, min(user_name) AS user, min(project_name) AS project, min(outputs_path) AS "outputsPath", min(outputs_store) AS "outputsStore",
         max(finished_at) AS ended, bool_or(finished_at IS NULL) AS "isLive", (count(*) OVER ())::int AS all
       FROM api_gateway.experiments WHERE NOT deleted AND outputs_deleted_at IS NULL GROUP BY original_id ORDER BY original_id DESC LIMIT ${measuredMax}`,
    );
    const held = rows.map(({ id, ended, isLive, all: _, ...one }) => ({ ...one, originalId: id, endedAtMs: isLive ? null : (ended?.getTime() ?? null) }));
    const isThere = new Set(held.map(({ originalId }) => originalId));
    for (const id of this.#measured.keys()) if (!isThere.has(id)) this.#measured.delete(id);
    return { all: rows[0]?.all ?? 0, held };
  }

  /** Those that nobody has measured come first. Never rejects. */
  async #measure(held: readonly Held[]): Promise<void> {
    const stale = held.filter((one) => isStale(one, this.#measured.get(one.originalId), this.#nowMs()));
    const queue = [...stale.filter(({ originalId }) => !this.#measured.has(originalId)), ...stale.filter(({ originalId }) => this.#measured.has(originalId))][Symbol.iterator]();
    let problem: string | null = null;
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const one of queue) {
          if (this.#isOver || problem !== null) return;
          problem = await this.#measureOne(one);
        }
      }),
    );
    this.#problem = problem;
  }

  async #measureOne(one: Held): Promise<string | null> {
    const atMs = this.#nowMs();
    try {
      const { files, size_bytes: sizeBytes } = await this.parts.usage(one);
      this.#measured.set(one.originalId, { files, sizeBytes, atMs, tookMs: this.#nowMs() - atMs });
      return null;
    } catch (error) {
      return `the outputs of #${one.originalId} can't be measured: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #nowMs(): number {
    return this.parts.now().getTime();
  }
}
