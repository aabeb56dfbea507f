// What is tried in a search, and what came of it?
import type { Json, SearchMetric } from '#polyaxonfile';

export interface Suggestion {
  readonly params: Readonly<Record<string, Json>>;
  /** Hyperband with `resume: true` goes on from this earlier trial, in its outputs; null: it starts from nothing. */
  readonly continues: { readonly iteration: number; readonly index: number } | null;
}

export interface Trial extends Suggestion {
  /** null: it ended without one. */
  readonly metric: number | null;
}

/** The bigger, the better; null when there is nothing to compare, as with a metric that is no number. */
export function merit(metric: number | null, { optimization = 'maximize' }: Pick<SearchMetric, 'optimization'>): number | null {
  if (metric === null || !Number.isFinite(metric)) return null;
  return optimization === 'maximize' ? metric : -metric;
}
