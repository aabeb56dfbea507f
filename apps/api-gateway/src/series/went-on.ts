// At which step did an attempt really go on?
import type { AttemptSeries } from '#contracts';

export interface Beginning {
  /** The step of the checkpoint it was given; null: it was given none, or none that has a step. */
  readonly offered: number | null;
  readonly read: AttemptSeries['read'];
  /** It is the first of its chain. */
  readonly isFirst: boolean;
  readonly firstStep: number | null;
}

export interface WentOn {
  readonly from: number | null;
  readonly by: AttemptSeries['went_on_by'];
}

/**
 * From the checkpoint it was given, unless what it reports speaks against that: then it has not read it, or counts in another way (a checkpoint of epoch 40, reports of step 40,000), and its
 * first step is all that is known. `apart`: how far apart reports of the chain are at most; null: not known.
 */
export function wentOn({ offered, read, isFirst, firstStep }: Beginning, apart: number | null): WentOn {
  if (read === 'started-at-zero') return { from: 0, by: 'beginning' };
  if (offered !== null && read !== 'not-read' && isNear(offered, firstStep, apart)) return { from: offered, by: 'checkpoint' };
  if (isFirst && offered === null) return { from: 0, by: 'beginning' };
  return firstStep === null ? { from: null, by: 'unknown' } : { from: firstStep, by: 'first-step' };
}

/** A program that saves between two reports goes on within one of them; a second one is allowed for what comes late. */
function isNear(offered: number, firstStep: number | null, apart: number | null): boolean {
  if (firstStep === null) return true;
  return offered <= firstStep && (apart === null || firstStep - offered <= 2 * apart);
}

/** The longest way between two reports of one attempt. */
export function farthestApart(attempts: readonly { readonly steps: readonly (number | null)[] }[]): number | null {
  let most: number | null = null;
  for (const { steps } of attempts) {
    for (let index = 1; index < steps.length; index += 1) {
      const [before, step] = [steps[index - 1] ?? null, steps[index] ?? null];
      if (before !== null && step !== null && step > before) most = Math.max(most ?? 0, step - before);
    }
  }
  return most;
}
