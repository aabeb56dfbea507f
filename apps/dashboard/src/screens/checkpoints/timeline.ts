// When was something saved, how often, and what would be lost now?
import { isDone, type CheckpointsBody, type CheckpointSummary, type ExperimentBody, type LineageBody } from '#contracts';
import { count, duration, plural } from '../../text/amounts.ts';
import { placeOf, verdictOf } from '../experiment/answer.ts';

export type TimelineOver = 'time' | 'step';

export interface Mark {
  readonly path: string;
  /** 0 to 1. */
  readonly at: number;
  readonly isWhole: boolean;
  /** A resume goes on from it. */
  readonly isNext: boolean;
  readonly words: string;
}

export interface Timeline {
  readonly marks: readonly Mark[];
  /** What stands at its ends. */
  readonly ends: readonly [string, string];
}

/** From its beginning, or the first save, to now, its end, or the last save; over steps only those that have one. Null: there is nothing to draw. */
export function timelineOf(experiment: ExperimentBody, { checkpoints, next }: CheckpointsBody, over: TimelineOver, now: number): Timeline | null {
  const placed = checkpoints.flatMap((one) => {
    const x = over === 'step' ? one.step : Date.parse(one.modifiedAt);
    return x === null ? [] : [{ one, x }];
  });
  if (placed.length === 0) return null;
  const xs = placed.map(({ x }) => x);
  const end = isDone(experiment.last_status) ? Date.parse(experiment.finished_at ?? '') : now;
  const bounds = over === 'step' ? [0, ...xs] : [...xs, ...(experiment.started_at === null || experiment.cloning_strategy === 'resume' ? [] : [Date.parse(experiment.started_at)]), ...(Number.isNaN(end) ? [] : [end])];
  const [from, to] = [Math.min(...bounds), Math.max(...bounds)];
  return {
    marks: placed.map(({ one, x }) => ({ path: one.path, at: to > from ? (x - from) / (to - from) : 0.5, isWhole: one.problem === null, isNext: one.path === next?.path, words: `${placeOf(one)}, ${verdictOf(one)}` })),
    ends: over === 'step' ? [`step ${count(from)}`, `step ${count(to)}`] : [new Date(from).toLocaleString(), new Date(to).toLocaleString()],
  };
}

export interface Interval {
  readonly ms: number;
  readonly steps: number | null;
}

/** Between two saves, as it usually is: the one in the middle, which a pause between two runs doesn't shift. Null: fewer than two. */
export function intervalOf(checkpoints: readonly CheckpointSummary[]): Interval | null {
  const times = [...new Set(checkpoints.map(({ modifiedAt }) => Date.parse(modifiedAt)))].sort((a, b) => a - b);
  const steps = [...new Set(checkpoints.flatMap(({ step }) => (step === null ? [] : [step])))].sort((a, b) => a - b);
  const ms = middle(gaps(times));
  return ms === null ? null : { ms, steps: middle(gaps(steps)) };
}

/** What it does about saving, and what a kill would cost at this moment. */
export function savingText(experiment: ExperimentBody, { checkpoints, next }: CheckpointsBody, now: number): string {
  const damaged = checkpoints.filter(({ problem }) => problem !== null).length;
  const interval = intervalOf(checkpoints);
  const every = interval ? `, one every ${duration(interval.ms)}${interval.steps === null ? '' : ` or ${plural(interval.steps, 'step')}`}` : '';
  const sentences = [`${plural(checkpoints.length, 'checkpoint')}${damaged > 0 ? `, ${count(damaged)} of them damaged` : ''}${every}.`];
  if (next && !isDone(experiment.last_status)) {
    // What was saved before this run began is no work of its own.
    const since = Math.max(Date.parse(next.modifiedAt), experiment.started_at === null ? now : Date.parse(experiment.started_at));
    const lostMs = now - since;
    const isLate = interval !== null && lostMs > 2 * interval.ms;
    sentences.push(`If it were killed now, ${duration(lostMs)} of work would be lost${isLate ? ', more than it usually risks' : ''}.`);
  }
  return sentences.join(' ');
}

/** Who writes these outputs now, and who is being given a copy of them. */
export function holdersOf({ nodes }: LineageBody, path: string): { readonly id: number; readonly how: string }[] {
  const inChain = new Set(nodes.filter((node) => node.outputs_path === path).map(({ id }) => id));
  return nodes.flatMap(({ id, outputs_path: own, last_status: status, cloning_strategy: strategy, source_id: source, deleted }) => {
    if (deleted || isDone(status)) return [];
    if (own === path) return [{ id, how: `${status.replaceAll('_', ' ')}, writes them` }];
    return strategy === 'copy' && source !== null && inChain.has(source) && /^(created|copying)$/.test(status) ? [{ id, how: 'copies them' }] : [];
  });
}

function gaps(sorted: readonly number[]): number[] {
  return sorted.slice(1).map((one, index) => one - (sorted[index] as number));
}

function middle(numbers: readonly number[]): number | null {
  return [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? null;
}
