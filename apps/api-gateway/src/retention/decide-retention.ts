// Which outputs of a project may go, and why must the others stay?
import type { ExperimentId } from '#contracts';

export interface RetentionRules {
  /** Null: no such rule. */
  readonly keepLast: number | null;
  readonly keepBest: { readonly count: number; readonly metric: string; readonly order: 'asc' | 'desc' } | null;
}

/** Outputs, and all experiments that share them: an original and its resumes. */
export interface Outputs {
  readonly originalId: ExperimentId;
  readonly experiments: readonly {
    readonly id: ExperimentId;
    readonly isLive: boolean;
    readonly isPinned: boolean;
    /** The last value of the metric; null: it has none that compares. */
    readonly metric: number | null;
  }[];
  /** Who needs them now, such as `experiment 31, which copies them`. */
  readonly neededBy: readonly string[];
}

export interface RetentionDecision<Kind extends Outputs> {
  readonly freed: readonly Kind[];
  readonly kept: readonly { readonly outputs: Kind; readonly reasons: readonly string[] }[];
}

/**
 * Outputs are what is kept or freed, so they are what is counted: resumes of one experiment don't use up a rule. Those that are still written count for none. What any rule,
 * pin or need speaks for is kept; whatever is kept for one experiment is kept for all that share it.
 */
export function decideRetention<Kind extends Outputs>(rules: RetentionRules, all: readonly Kind[]): RetentionDecision<Kind> {
  const resting = all.filter(({ experiments }) => experiments.every(({ isLive }) => !isLive));
  const last = new Set(newestFirst(resting).slice(0, rules.keepLast ?? 0));
  const best = new Set(bestFirst(resting, rules.keepBest).slice(0, rules.keepBest?.count ?? 0));
  const reasonsOf = (outputs: Kind): string[] => [
    ...outputs.experiments.filter(({ isLive }) => isLive).map(({ id }) => `experiment ${id} is not done`),
    ...outputs.experiments.filter(({ isPinned }) => isPinned).map(({ id }) => `experiment ${id} is pinned`),
    ...outputs.neededBy,
    ...(last.has(outputs) ? [`among the last ${rules.keepLast}`] : []),
    ...(best.has(outputs) ? [`among the best ${rules.keepBest?.count} by ${rules.keepBest?.metric}`] : []),
  ];
  const judged = [...all].sort((a, b) => a.originalId - b.originalId).map((outputs) => ({ outputs, reasons: reasonsOf(outputs) }));
  return { freed: judged.filter(({ reasons }) => reasons.length === 0).map(({ outputs }) => outputs), kept: judged.filter(({ reasons }) => reasons.length > 0) };
}

function newestFirst<Kind extends Outputs>(all: readonly Kind[]): Kind[] {
  return [...all].sort((a, b) => newestOf(b) - newestOf(a));
}

/** Without those that have no value; the newer one first where two are as good. */
function bestFirst<Kind extends Outputs>(all: readonly Kind[], rule: RetentionRules['keepBest']): Kind[] {
  if (rule === null) return [];
  const sign = rule.order === 'asc' ? 1 : -1;
  const valued = all.flatMap((outputs) => {
    const values = outputs.experiments.flatMap(({ metric }) => (metric === null ? [] : [sign * metric]));
    return values.length === 0 ? [] : [{ outputs, value: Math.min(...values) }];
  });
  return valued.sort((a, b) => (a.value === b.value ? newestOf(b.outputs) - newestOf(a.outputs) : a.value < b.value ? -1 : 1)).map(({ outputs }) => outputs);
}

function newestOf({ experiments }: Outputs): ExperimentId {
  return Math.max(...experiments.map(({ id }) => id));
}
