// What does a decision need to know of what is in an outputs path?
import type { OutputsSummary } from '#contracts';
import type { OutputsFound } from './clone.ts';

export function foundIn(outputs: OutputsSummary | null): OutputsFound {
  return { files: outputs?.files ?? 0, problem: outputs?.choice.problem ?? null, alternatives: outputs?.choice.alternatives ?? [] };
}
