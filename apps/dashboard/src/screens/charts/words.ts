// What does a chain's curve say, in words?
import type { AttemptSeries, SeriesBody } from '#contracts';
import { count, duration, measure, plain, plural } from '../../text/amounts.ts';
import { attemptName, pointsOf, type Over } from './curve.ts';

/** Where one attempt ended and the next went on. */
export interface Boundary {
  readonly id: number;
  readonly name: string;
  readonly ended: string;
  readonly wentOn: string;
  readonly doubt: string | null;
  readonly changes: readonly string[];
  readonly lost: string | null;
}

export function boundariesOf(body: SeriesBody): Boundary[] {
  return body.attempts.flatMap((attempt, index) => {
    const before = body.attempts[index - 1];
    if (!before) return [];
    const stretches = body.lost.filter(({ by }) => by === index);
    const steps = stretches.reduce((sum, { from_step: from, to_step: to }) => sum + to - from, 0);
    const seconds = stretches.reduce((sum, one) => sum + one.seconds, 0);
    return {
      id: attempt.experiment_id,
      name: attemptName(body.attempts, index),
      ended: `${attemptName(body.attempts, index - 1)} ${before.ended_because ?? 'was still running'}`,
      wentOn: wentOnText(attempt),
      doubt: doubtOf(attempt),
      changes: attempt.params.map(
        ({ path, before: was, after: is }) => `${path}: ${was === undefined ? 'not set' : plain(was)} → ${is === undefined ? 'not set' : plain(is)}`,
      ),
      lost: steps > 0 ? lostText(steps, seconds, stretches.reduce((sum, one) => sum + one.seconds * (body.attempts[one.attempt]?.gpus ?? 0), 0)) : null,
    };
  });
}

function wentOnText({ went_on_by: by, went_on_from: from, offered, read, started_by: user, attempt }: AttemptSeries): string {
  const who = attempt > 1 ? '' : `, started by ${user},`;
  if (by === 'checkpoint') return `${who} went on from step ${count(from ?? 0)}${offered ? ` (${offered.path}${read === 'read' ? ', which its program has read' : ''})` : ''}`;
  if (by === 'beginning') return `${who} began at zero`;
  return by === 'first-step' ? `${who} first reported step ${count(from ?? 0)}: where it went on is not known better` : `${who} has not told a step yet`;
}

function doubtOf({ read, offered, went_on_by: by }: AttemptSeries): string | null {
  const given = offered?.step == null ? 'a checkpoint' : `the checkpoint of step ${count(offered.step)}`;
  if (read === 'started-at-zero') return `It was given ${given}, and its program began at zero all the same.`;
  if (read === 'not-read') return `It was given ${given}, and its program has not read it.`;
  return by === 'first-step' && offered?.step != null ? `It was given ${given}, which doesn’t fit what it reported.` : null;
}

export function lostText(steps: number, seconds: number, gpuSeconds: number): string {
  const hours = gpuSeconds / 3600;
  const price = gpuSeconds > 0 ? `, ${hours < 0.1 ? 'less than 0.1' : hours.toFixed(1)} GPU-hours,` : '';
  return `${plural(steps, 'step')} and ${duration(seconds * 1000)} of work${price} were done again`;
}

/** The whole chain in a sentence. */
export function headline({ attempts, lost_steps: steps, lost_seconds: seconds, lost_gpu_seconds: gpuSeconds, step_name: stepName }: SeriesBody): string {
  const runs = new Set(attempts.map(({ experiment_id: id }) => id)).size;
  const of = `${plural(attempts.length, 'attempt')}${runs > 1 ? ` of ${plural(runs, 'run')}` : ''}`;
  if (attempts.length < 2) return 'It ran in one go: nothing was done twice.';
  if (stepName === null) return `${of} in one line. No report tells its step, so what was done twice can’t be told.`;
  return steps > 0 ? `${of} in one line: ${lostText(steps, seconds, gpuSeconds)}.` : `${of} in one line: nothing was done twice.`;
}

/** For whoever can't see the curve, and for whoever doesn't want to look twice. */
export function summaryOf(body: SeriesBody, name: string): string {
  const points = pointsOf(body, name);
  const kept = points.filter(({ isLost }) => !isLost);
  const finite = kept.flatMap(({ value, step }) => (typeof value === 'number' ? [{ value, step }] : []));
  const last = kept.at(-1);
  if (!last) return `${name} was not reported.`;
  const others = points.length - points.filter(({ value }) => typeof value === 'number').length;
  const bounds = finite.length > 0 ? [finite.reduce((a, b) => (b.value < a.value ? b : a)), finite.reduce((a, b) => (b.value > a.value ? b : a))] : [];
  const [lowest, highest] = bounds.map(({ value, step }) => `${measure(value)}${step === null ? '' : ` at step ${count(step)}`}`);
  return [
    `${name}: last ${measure(last.value)}${last.step === null ? '' : ` at step ${count(last.step)}`}`,
    ...(lowest && highest ? [`lowest ${lowest}`, `highest ${highest}`] : []),
    ...(others > 0 ? [`${count(others)} not finite`] : []),
  ].join(', ') + '.';
}

export function xText(over: Over, x: number): string {
  if (over === 'step') return Number.isInteger(x) ? count(x) : String(x);
  return over === 'work' ? duration(x * 1000) : new Date(x * 1000).toLocaleString();
}
