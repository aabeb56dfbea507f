// Which attempts can't start yet, so that with each look at them nothing is asked or told that is known?
import type { AttemptId, AttemptSpec, Pending } from '../executors/executor.ts';
import type { LiveRun } from './live-runs.ts';

interface Known {
  readonly attempt: number;
  readonly spec: AttemptSpec;
  readonly told: string;
  readonly toldAtMs: number;
}

/** What was told too soon after something else was not written down. */
const toldAgainAfterMs = 60_000;

/** Hundreds of pods may wait for hours, and all of them are looked at several times a second. Forgotten with the process: then all is told once more, and decided to be no news. */
export class PendingLaunches {
  readonly #known = new Map<number, Known>();
  /** The attempt of each that is told to be starting. */
  readonly #begun = new Map<number, number>();

  begin({ experimentId, attempt }: AttemptId): void {
    this.#begun.set(experimentId, attempt);
  }

  hasBegun({ experimentId, attempt }: LiveRun): boolean {
    return this.#begun.get(experimentId) === attempt;
  }

  /** Undefined: it was not asked to start by this process, or another attempt was. */
  specOf({ experimentId, attempt }: LiveRun): AttemptSpec | undefined {
    const known = this.#known.get(experimentId);
    return known?.attempt === attempt ? known.spec : undefined;
  }

  /** What is to be told of it; null: nothing that wasn't. */
  newsOf(spec: AttemptSpec, answer: Pending | null, nowMs: number): Pending | null {
    const told = JSON.stringify(answer);
    const former = this.#known.get(spec.experimentId);
    if (former?.attempt === spec.attempt && former.told === told && nowMs - former.toldAtMs < toldAgainAfterMs) return null;
    this.#known.set(spec.experimentId, { attempt: spec.attempt, spec, told, toldAtMs: nowMs });
    return answer;
  }

  keepOnly(runs: readonly LiveRun[]): void {
    const waiting = new Set(runs.flatMap(({ state, experimentId }) => (state === 'scheduled' ? [experimentId] : [])));
    for (const known of [this.#known, this.#begun]) for (const experimentId of known.keys()) if (!waiting.has(experimentId)) known.delete(experimentId);
  }
}
