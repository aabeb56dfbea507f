// Does a program that was given a checkpoint begin to count at zero?
import type { Pool } from 'pg';
import { stepNames, type CheckpointOffer } from '#contracts';
import type { MetricValues } from '../views/metrics.ts';
import type { Experiments } from './experiments.ts';

/** Programs begin to count at 0 or at 1. */
const firstMax = 1;
/** So many runs are remembered, in which there is nothing left to find out. */
const rememberedMax = 10_000;

/** Of the first report that counts something; where it counts several things, such as steps within an epoch, the one that is furthest. Undefined: none does. */
export function firstStepOf(rows: readonly MetricValues[]): number | undefined {
  for (const { values } of rows) {
    const counted = stepNames.map((name) => values[name]).filter((value): value is number => typeof value === 'number');
    if (counted.length > 0) return Math.max(...counted);
  }
  return undefined;
}

/** Looks at the first step of each attempt alone, and asks the store only when that is the beginning. */
export class FirstSteps {
  readonly #known = new Set<string>();

  constructor(
    private readonly pool: Pool,
    private readonly experiments: Pick<Experiments, 'reportCheckpoint'>,
  ) {}

  async hear({ id, originalId }: { readonly id: number; readonly originalId: number }, attempt: number, rows: readonly MetricValues[], actor: string): Promise<void> {
    const key = `${id}-${attempt}`;
    const step = this.#known.has(key) ? undefined : firstStepOf(rows);
    if (step === undefined) return;
    if (step <= firstMax) await this.#compare(id, originalId, attempt, step, actor);
    if (this.#known.size >= rememberedMax) this.#known.clear();
    this.#known.add(key);
  }

  async #compare(id: number, originalId: number, attempt: number, step: number, actor: string): Promise<void> {
    const { rows } = await this.pool.query<{ checkpoint: CheckpointOffer | null }>(
      `SELECT data -> 'checkpoint' AS checkpoint FROM event_store.messages
       WHERE stream_name = $1 AND (data ->> 'experimentId')::int = $2 AND type IN ('OutputsPrepared', 'OutputsCopied') ORDER BY position DESC LIMIT 1`,
      [`outputs-${originalId}`, id],
    );
    const offered = rows[0]?.checkpoint?.offered?.step ?? null;
    if (offered === null || offered <= firstMax) return;
    await this.experiments.reportCheckpoint(id, { attempt, read: 'started-at-zero', how: `the first step it logged is ${step}, the checkpoint is of step ${offered}` }, actor);
  }
}
