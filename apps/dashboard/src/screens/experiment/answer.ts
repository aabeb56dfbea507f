// Is it healthy, and if it stopped, is its work safe?
import { isDone, type CheckpointsBody, type CheckpointSummary, type ExperimentBody } from '#contracts';
import { age, count, duration } from '../../text/amounts.ts';

export interface Answer {
  readonly mood: 'good' | 'doubt' | 'bad' | 'plain';
  readonly text: string;
}

/** Without a save for so long somebody should know. */
const longMs = 10 * 60_000;

const unknownText = 'No checkpoint that the platform knows is in its outputs: a resume goes on with whatever its program finds there.';

/** Undefined checkpoints: not known yet. */
export function answerOf(experiment: ExperimentBody, checkpoints: CheckpointsBody | undefined, now: number): Answer {
  if (!experiment.is_managed) return { mood: 'plain', text: 'It runs elsewhere and is only tracked here: its outputs are not the platform’s to look after.' };
  if (experiment.outputs_state !== 'kept') return { mood: 'plain', text: 'Its outputs were deleted: the record is kept, and there is nothing to go on from.' };
  if (!isDone(experiment.last_status) && experiment.started_at === null) return waits(experiment, now);
  if (!checkpoints) return { mood: 'plain', text: '' };
  return isDone(experiment.last_status) ? ended(experiment, checkpoints, now) : runs(experiment, checkpoints, now);
}

function waits({ last_status_message: reason, created_at: since }: ExperimentBody, now: number): Answer {
  const waited = duration(now - Date.parse(since));
  return { mood: 'plain', text: reason ? `It has waited for ${waited}: ${reason}` : `It has waited for ${waited}, and starts by itself.` };
}

function runs({ started_at: from }: ExperimentBody, { next, problem }: CheckpointsBody, now: number): Answer {
  if (problem) return { mood: 'doubt', text: `A resume from what is there right now would be refused: ${problem}` }; // it may be being written
  const spentMs = now - Date.parse(from ?? '');
  const unknown = `No checkpoint that the platform knows is there after ${duration(spentMs)}: unless its program saves in a way of its own, all of it would be lost.`;
  if (!next) return { mood: spentMs > longMs ? 'doubt' : 'plain', text: unknown };
  const savedMs = now - Date.parse(next.modifiedAt);
  return { mood: savedMs > longMs ? 'doubt' : 'good', text: `If it stopped now, a resume would go on from ${placeOf(next)}, saved ${age(next.modifiedAt, now)}.` };
}

function ended({ last_status: status, finished_at: end }: ExperimentBody, { next, problem, checkpoints }: CheckpointsBody, now: number): Answer {
  if (problem) return { mood: 'bad', text: `A resume would be refused: ${problem}` };
  if (!next) return { mood: status === 'succeeded' ? 'plain' : 'doubt', text: checkpoints.length === 0 ? unknownText : 'No checkpoint in its outputs is whole.' };
  const place = placeOf(next);
  if (status === 'succeeded') return { mood: 'good', text: `Finished. Its last checkpoint, ${place}, is whole: a resume trains further.` };
  const lostMs = end === null ? 0 : Date.parse(end) - Date.parse(next.modifiedAt);
  return { mood: 'good', text: `Its work is safe: a resume goes on from ${place}, saved ${lostMs > 0 ? `${duration(lostMs)} before the end` : age(next.modifiedAt, now)}.` };
}

export function placeOf({ step, path }: Pick<CheckpointSummary, 'step' | 'path'>): string {
  return step === null ? path : `step ${count(step)}`;
}

export function verdictOf({ problem, compared }: CheckpointSummary): string {
  return problem === null ? (compared ? 'whole, every byte compared' : 'whole') : `damaged: ${problem}`;
}

/** What a tab among twenty others says. */
export function titleOf(experiment: ExperimentBody, checkpoints: CheckpointsBody | undefined, now: number): string {
  const saved = checkpoints?.next;
  const checkpoint = saved ? `, ${placeOf(saved)} saved ${age(saved.modifiedAt, now)}` : '';
  return `#${experiment.id} ${experiment.last_status.replaceAll('_', ' ')}${checkpoint}`;
}
