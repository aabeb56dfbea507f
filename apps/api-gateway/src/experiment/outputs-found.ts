// What does a decision need to know of what is in an outputs path?
import type { OutputsSummary } from '#contracts';
import type { OutputsFound } from './clone.ts';

export function foundIn(outputs: OutputsSummary | null): OutputsFound {
  const checkpoints = outputs?.checkpoints ?? [];
  const damaged = checkpoints.filter(({ complete }) => !complete);
  const [newest] = damaged;
  return {
    files: outputs?.files ?? 0,
    completeCheckpoints: checkpoints.length - damaged.length,
    damagedCheckpoints: damaged.length,
    problem: newest ? `${newest.path}: ${newest.problem}` : null,
  };
}
