// Which processes has an experiment had, and what became of each? The original calls them its jobs.
import type { ExperimentBody, JobBody, JobStatusBody, RunEvent } from '#contracts';
import type { Recorded } from '#event-store';
import { duration } from '../views/experiment-body.ts';
import { pendingStatuses } from '../views/status-of.ts';

export interface AttemptView {
  readonly job: JobBody;
  readonly statuses: readonly JobStatusBody[];
}

/** Of the stream of its run, in order: one job for each attempt, numbered as the attempt. */
export function attemptsOf(experiment: ExperimentBody, history: readonly Recorded[]): AttemptView[] {
  const attempts = new Map<number, { uuid: string; statuses: JobStatusBody[]; startedAt: string | null; finishedAt: string | null }>();
  for (const recorded of history) {
    const change = changeOf(recorded as unknown as RunEvent);
    if (!change) continue;
    const { attempt, status, at, message = null } = change;
    const known = attempts.get(attempt) ?? { uuid: recorded.id, statuses: [], startedAt: null, finishedAt: null };
    known.statuses.push({ id: Number(recorded.cursor.globalPosition), uuid: recorded.id, job: attempt, created_at: at, status, message, traceback: null });
    if (status === 'running' || status === 'building') known.startedAt ??= at;
    if (change.isEnd) known.finishedAt = at;
    attempts.set(attempt, known);
  }
  return [...attempts].map(([attempt, { uuid, statuses, startedAt, finishedAt }]) => {
    const [first, last] = [statuses[0] as JobStatusBody, statuses.at(-1) as JobStatusBody];
    const job: JobBody = {
      id: attempt, uuid, unique_name: `${experiment.unique_name}.${attempt}.master`, role: 'master', experiment: experiment.id, last_status: statuses.findLast(({ status }) => status !== 'warning')?.status ?? last.status,
      created_at: first.created_at, updated_at: last.created_at, started_at: startedAt, finished_at: finishedAt,
      total_run: startedAt && finishedAt ? duration(Date.parse(finishedAt) - Date.parse(startedAt)) : null, resources: experiment.resources, definition: {},
    };
    return { job, statuses };
  });
}

interface Change {
  readonly attempt: number;
  readonly status: string;
  readonly at: string;
  readonly message?: string | null;
  readonly isEnd?: boolean;
}

function changeOf({ type, data }: RunEvent): Change | undefined {
  switch (type) {
    case 'RunScheduled':
      return { attempt: data.attempt, status: 'scheduled', at: data.scheduledAt };
    case 'RunStarting':
      return { attempt: data.attempt, status: 'starting', at: data.startingAt };
    case 'RunStarted':
      return { attempt: data.attempt, status: data.isBuilding ? 'building' : 'running', at: data.startedAt };
    case 'RunBuilt':
      return { attempt: data.attempt, status: 'running', at: data.builtAt };
    case 'RunWarned':
      return { attempt: data.attempt, status: 'warning', at: data.warnedAt, message: data.message };
    case 'RunPending':
      return { attempt: data.attempt, status: pendingStatuses[data.cause], at: data.pendingAt, message: data.reason };
    case 'RunSucceeded':
      return ended('succeeded', data);
    case 'RunFailed':
    case 'RunAttemptFailed':
    case 'RunPreempted':
      return ended('failed', data);
    case 'RunStopped':
      return ended('stopped', data);
    default:
      return undefined; // of the run as a whole
  }
}

/** One that ended before it was scheduled had no attempt. */
function ended(status: string, { attempt, endedAt: at, message }: { attempt: number; endedAt: string; message: string | null }): Change | undefined {
  return attempt === 0 ? undefined : { attempt, status, at, message, isEnd: true };
}
