// Which processes did an experiment have, what was each given, and why did it end?
import type { AttemptSeries, ExperimentBody, ExperimentStopRequested, HistoryEntry, RunEvent } from '#contracts';
import { offerOf } from '../experiment/offer-of.ts';

export interface AttemptStory extends Pick<AttemptSeries, 'experiment_id' | 'attempt' | 'started_at' | 'ended_at' | 'ended_because' | 'started_by' | 'gpus' | 'offered' | 'read'> {
  readonly experiment_id: number;
}

type Entry = Pick<HistoryEntry, 'type' | 'data'>;
type End = Extract<RunEvent, { type: 'RunSucceeded' | 'RunFailed' | 'RunAttemptFailed' | 'RunStopped' | 'RunPreempted' }>;
const ends = new Set<string>(['RunSucceeded', 'RunFailed', 'RunAttemptFailed', 'RunStopped', 'RunPreempted'] satisfies End['type'][]);

/** Of its history. One that is only tracked is one process, as far as anybody knows. */
export function attemptsIn(experiment: ExperimentBody, history: readonly Entry[]): AttemptStory[] {
  if (!experiment.is_managed) return [tracked(experiment)];
  const started = history.filter(({ type }) => type === 'RunStarted').map(({ data }) => data as { attempt: number; startedAt: string });
  return started.map(({ attempt, startedAt }) => {
    const end = history.find(({ type, data }) => ends.has(type) && data.attempt === attempt) as unknown as End | undefined;
    const offer = offerOf(history.filter(({ type, data }) => !isOutputs(type) || ((data.attempt as number | undefined) ?? 1) <= attempt));
    return {
      experiment_id: experiment.id, attempt, started_at: startedAt, ended_at: end?.data.endedAt ?? null, ended_because: end ? because(end, history) : null, started_by: experiment.user, gpus: gpusOf(experiment),
      offered: offer?.offered ? { path: offer.offered.path, step: offer.offered.step } : null, read: offer?.read ?? 'unknown',
    };
  });
}

function tracked(experiment: ExperimentBody): AttemptStory {
  const { id, user, started_at, created_at, finished_at, last_status: status, last_status_message: message } = experiment;
  const ended = finished_at === null ? null : `${status.replaceAll('_', ' ')}${message ? `: ${message}` : ''}`;
  return { experiment_id: id, attempt: 1, started_at: started_at ?? created_at, ended_at: finished_at, ended_because: ended, started_by: user, gpus: gpusOf(experiment), offered: null, read: 'unknown' };
}

function gpusOf({ resources }: ExperimentBody): number {
  return resources?.gpu?.limits ?? resources?.gpu?.requests ?? 0;
}

function isOutputs(type: string): boolean {
  return type === 'OutputsPrepared' || type === 'OutputsCopied';
}

/** Those of former days don't say how. */
function takenWord(data: End['data']): string {
  const how = 'cause' in data && data.cause !== undefined && data.cause !== 'infrastructure' ? ` (${data.cause.replace('-', ' ')})` : '';
  return `taken away by the machine${how}`;
}

function because({ type, data }: End, history: readonly Entry[]): string {
  const asked = history.findLast((one) => one.type === 'ExperimentStopRequested')?.data as ExperimentStopRequested['data'] | undefined;
  if (type === 'RunStopped') return asked ? `stopped ${asked.reason === undefined ? `by ${asked.requestedBy}` : `because ${asked.reason}`}` : 'stopped';
  const word = { RunSucceeded: 'succeeded', RunFailed: 'failed', RunAttemptFailed: 'failed', RunPreempted: takenWord(data) }[type];
  return `${word}${data.message ? `: ${data.message}` : type !== 'RunSucceeded' && data.exitCode !== null ? `: exit code ${data.exitCode}` : ''}`;
}
