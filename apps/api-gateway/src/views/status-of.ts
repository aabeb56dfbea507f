// Which status does an event show users, and is it above the one before?
import { isDone, type CheckpointOffer, type Event, type ExperimentStatus, type PendingCause, type TakenCause } from '#contracts';

type Data<Type extends Event['type']> = Extract<Event, { type: Type }>['data'];

/** A line in the list of statuses, and, when its rank is the highest so far, the status that is shown. */
export interface StatusChange {
  readonly experimentId: number;
  readonly status: string;
  /** undefined: a line in the list only, such as a warning. */
  readonly rank?: number;
  readonly message: string | null;
  readonly traceback?: string | null;
  readonly at: string;
}

/** Within an attempt; a later attempt is above every earlier one, and done above all. */
const ranks = { created: 0, held: 1, copying: 2, copied: 3, scheduled: 4, starting: 5, building: 6, running: 7, again: 9 } as const;
const ofAttempt = (attempt: number, rank: number) => attempt * 10 + rank;
const doneRank = 1_000_000_000;

/** While it can't start; what is waited for is in the message. */
export const pendingStatuses: Readonly<Record<PendingCause, ExperimentStatus>> = { unschedulable: 'unschedulable', image: 'warning', building: 'building', cluster: 'starting', starting: 'starting' };

/** `isManaged`: of the experiment; one that is only tracked has the status that it reports. */
export function statusOf(event: Event, isManaged: boolean): StatusChange | undefined {
  switch (event.type) {
    case 'ExperimentCreated':
    case 'ExperimentResumeRequested':
    case 'ExperimentRestartRequested':
    case 'ExperimentCopyRequested':
      return { experimentId: event.data.experimentId, status: 'created', rank: ranks.created, message: null, at: event.data.requestedAt };
    case 'ExperimentDone': {
      const { experimentId, status, message, doneAt: at } = event.data;
      return { experimentId, status, rank: doneRank, message, at };
    }
    case 'ExperimentStatusReported': {
      const { experimentId, status, message, traceback, reportedAt: at } = event.data;
      return { experimentId, status, message, traceback, at, ...(!isManaged && { rank: isDone(status) ? doneRank : ranks.running }) };
    }
    case 'ExperimentCheckpointReported': {
      const { experimentId, read, how, reportedAt: at } = event.data;
      return read === 'started-at-zero' ? { experimentId, status: 'warning', message: `it started at zero instead of going on from the checkpoint it was given: ${how}`, at } : undefined;
    }
    case 'RunHeld':
      return { experimentId: event.data.experimentId, status: 'created', rank: ranks.held, message: event.data.reason, at: event.data.heldAt };
    case 'RunScheduled':
      return { experimentId: event.data.experimentId, status: 'scheduled', rank: ofAttempt(event.data.attempt, ranks.scheduled), message: attemptOf(event.data), at: event.data.scheduledAt };
    case 'RunStarting':
      return { experimentId: event.data.experimentId, status: 'starting', rank: ofAttempt(event.data.attempt, ranks.starting), message: attemptOf(event.data), at: event.data.startingAt };
    case 'RunStarted': {
      const { experimentId, attempt, isBuilding = false, startedAt: at } = event.data;
      const [status, rank] = isBuilding ? (['building', ranks.building] as const) : (['running', ranks.running] as const);
      return { experimentId, status, rank: ofAttempt(attempt, rank), message: attemptOf(event.data), at };
    }
    case 'RunBuilt':
      return { experimentId: event.data.experimentId, status: 'running', rank: ofAttempt(event.data.attempt, ranks.running), message: attemptOf(event.data), at: event.data.builtAt };
    case 'RunPending': {
      const { experimentId, attempt, cause, reason, pendingAt: at } = event.data;
      return { experimentId, status: pendingStatuses[cause], rank: ofAttempt(attempt, ranks.starting), message: reason ?? attemptOf(event.data), at };
    }
    case 'RunPreempted':
      return { experimentId: event.data.experimentId, status: 'warning', rank: ofAttempt(event.data.attempt, ranks.again), message: takenAttempt(event.data), at: event.data.endedAt };
    case 'ExperimentWorkLost':
      return { experimentId: event.data.experimentId, status: 'warning', message: lostWork(event.data), at: event.data.recordedAt };
    case 'RunAttemptFailed':
      return { experimentId: event.data.experimentId, status: 'warning', rank: ofAttempt(event.data.attempt, ranks.again), message: failedAttempt(event.data), at: event.data.endedAt };
    case 'RunWarned':
      return { experimentId: event.data.experimentId, status: 'warning', message: event.data.message, at: event.data.warnedAt };
    case 'OutputsPrepared':
      return startPoint(event.data, event.data.preparedAt, event.data.attempt === undefined ? ranks.held : undefined);
    case 'OutputsCopied':
      return startPoint(event.data, event.data.copiedAt, ranks.copied);
    case 'OutputsCopyStarted':
      return { experimentId: event.data.experimentId, status: 'copying', rank: ranks.copying, message: `copying the outputs of experiment ${event.data.sourceExperimentId}`, at: event.data.startedAt };
    default:
      return undefined; // changes nothing users read as a status
  }
}

/** From what it goes on, where there is something; a warning when something had to be moved out of its way. */
function startPoint({ experimentId, checkpoint }: { experimentId: number; checkpoint?: CheckpointOffer }, at: string, rank: number | undefined): StatusChange | undefined {
  if (!checkpoint?.offered) return undefined;
  const { path, framework, step } = checkpoint.offered;
  const ranked = rank === undefined ? {} : { rank }; // of a later attempt: a line in the list only
  const from = `goes on from ${path} (${framework}${step === null ? '' : `, step ${step}`})`;
  const [first, ...more] = checkpoint.setAside;
  if (!first) return { experimentId, status: 'created', ...ranked, message: from, at };
  const why = first.problem === null ? 'is newer' : `is damaged (${first.problem})`;
  const others = more.length === 0 ? '' : `, with ${more.length} more`;
  return { experimentId, status: 'warning', ...ranked, message: `${first.path} ${why} and was set aside in ${first.to}${others}: ${from}`, at };
}

/** Said of later ones only: most experiments have one. */
function attemptOf({ attempt }: { readonly attempt: number }): string | null {
  return attempt > 1 ? `attempt ${attempt}` : null;
}

function failedAttempt({ attempt, attemptsAllowed, message, endedAt, nextAttemptAt }: Data<'RunAttemptFailed'>): string {
  return `attempt ${attempt} of ${attemptsAllowed} failed: ${message ?? 'no reason is known'}; the next starts ${fromNow(endedAt, nextAttemptAt)}`;
}

const taken: Readonly<Record<TakenCause, string>> = {
  preempted: 'was preempted, for something more important', evicted: 'was evicted from its node', 'node-lost': 'is gone with its node', infrastructure: 'was taken away, which is no fault of its program',
};

function takenAttempt({ attempt, cause, message, endedAt, nextAttemptAt, preemptions, preemptionsAllowed }: Data<'RunPreempted'>): string {
  const how = `attempt ${attempt} ${cause === undefined ? 'was taken away by the machine' : taken[cause]}${message === null ? '' : `: ${message}`}`;
  const counted = preemptions === undefined || preemptionsAllowed === undefined ? '' : ` (${preemptions} of ${preemptionsAllowed} times that this may happen)`;
  return `${how}; it goes on by itself from its last whole checkpoint, ${fromNow(endedAt, nextAttemptAt)}${counted}`;
}

function lostWork({ attempt, seconds, steps, checkpointPath }: Data<'ExperimentWorkLost'>): string {
  const work = `${Math.round(seconds)} s${steps === null ? '' : ` and ${steps} steps`}`;
  return checkpointPath === null ? `no checkpoint of attempt ${attempt} is known: its ${work} may be done again` : `${work} of attempt ${attempt} are done again: it goes on from ${checkpointPath}`;
}

function fromNow(endedAt: string, nextAttemptAt: string | undefined): string {
  const seconds = nextAttemptAt === undefined ? 0 : Math.round((Date.parse(nextAttemptAt) - Date.parse(endedAt)) / 1000);
  return seconds > 0 ? `in ${seconds} s` : 'now';
}
