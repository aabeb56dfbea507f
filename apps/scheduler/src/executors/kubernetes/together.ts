// How far is an attempt that consists of several pods?
import type { Phase } from './phase-of.ts';

/** All or nothing: it has begun with the first of them, and has ended with the last; the first failure is its end. */
export function together(phases: readonly Phase[], expected = 1): Phase {
  if (phases.length === 0) return { at: 'nothing' };
  if (phases.length === 1 && expected <= 1) return phases[0] as Phase;
  const ended = phases.filter((phase) => phase.at === 'over' || phase.at === 'never');
  if (ended.length === phases.length && (ended.length >= expected || ended.some(({ end }) => end.exitCode !== 0))) {
    return ended.find(({ at, end }) => at === 'over' && end.exitCode !== 0) ?? ended.find(({ at }) => at === 'over') ?? (ended[0] as Phase);
  }
  if (phases.some(({ at }) => at === 'running' || at === 'over')) return { at: 'running' };
  return phases.find(({ at }) => at === 'waiting') ?? { at: 'waiting', cause: 'starting', reason: null };
}
