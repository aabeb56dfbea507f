// When may the next attempt start, and what does it wait for?
import type { RunAttemptFailed, Time } from '#contracts';
import type { Run } from './run.ts';

const longestDelaySeconds = 300;

/** Doubles with each of those that came before it. */
export function pauseUntil(endedAt: Time, delaySeconds: number, before: number): Time {
  const seconds = Math.min(longestDelaySeconds, delaySeconds * 2 ** Math.min(before, 30));
  return new Date(Date.parse(endedAt) + 1000 * seconds).toISOString();
}

/** What the ended one has left there may be cut off. */
export function outputsAgain({ order, checkpoint }: Run): Pick<RunAttemptFailed['data'], 'outputs'> {
  if (!order) return {};
  const { originalExperimentId, outputsPath, outputsStore } = order;
  return { outputs: { originalExperimentId, outputsPath, ...(outputsStore !== undefined && { outputsStore }), forced: checkpoint?.forced === true } };
}
