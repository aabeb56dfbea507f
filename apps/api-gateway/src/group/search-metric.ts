// By which of its metrics is a member judged?
import type { Hptuning } from '#polyaxonfile';

/** Null: the search doesn't look at results. */
export function metricOf({ hyperband, bo }: Hptuning): string | null {
  return hyperband?.metric.name ?? bo?.metric.name ?? null;
}
