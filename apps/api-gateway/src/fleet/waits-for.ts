// What does an experiment wait for, since when, and what would end that?
import type { HistoryEntry, WaitBody } from '#contracts';

type Entry = Pick<HistoryEntry, 'type' | 'time' | 'data'>;
type Told = Omit<WaitBody, 'since'>;

const asked = new Set(['ExperimentCreated', 'ExperimentResumeRequested', 'ExperimentRestartRequested', 'ExperimentCopyRequested']);
const ends = new Set(['RunSucceeded', 'RunFailed', 'RunStopped']);
const logsEnds = new Set(['LogsArchived', 'LogsArchiveFailed']);

/** Of all its events, in order; null: it runs, or is done, and nobody waits for anything. Each move is somebody's: what was asked for and is not there is told as missing, with whose it is. */
export function waitsFor(history: readonly Entry[]): WaitBody | null {
  const request = history.find(({ type }) => asked.has(type));
  if (!request || request.data.isManaged === false || history.some(({ type }) => type === 'ExperimentDone' || type === 'ExperimentDeleted')) return null;
  const latest = history.findLast(({ type }) => type in next) ?? request;
  const end = history.find(({ type }) => ends.has(type));
  if (end) return ended(end, history);
  const stop = history.find(({ type }) => type === 'ExperimentStopRequested');
  if (stop) return { ...stopping(history), since: stop.time };
  if (!history.some(({ type }) => type === 'RunQueued')) return { ...notPickedUp(), since: request.time }; // others may have begun already
  const told = (next[latest.type] ?? notPickedUp)(latest, request);
  return told && { ...told, since: latest.time };
}

const missing = (service: WaitBody['service'], reason: string, releasedBy: string): Told => ({ kind: 'missing', service, reason, released_by: releasedBy });
const notPickedUp = () => missing('scheduler', 'it was asked for, and the scheduler has not picked it up', 'the scheduler, when it is there and has caught up with the events');

/** What comes after the latest of these. */
const next: Readonly<Record<string, (latest: Entry, request: Entry) => Told | null>> = {
  RunQueued: (_, { type }) =>
    type === 'ExperimentCopyRequested'
      ? missing('storage-manager', 'its copy was asked for, and has not begun', 'the storage-manager, when it is there and has a hand free for the copy')
      : missing('storage-manager', 'its outputs are not prepared', 'the storage-manager, when it is there and its store answers'),
  OutputsCopyStarted: () => ({ kind: 'work', service: 'storage-manager', reason: 'its outputs are being copied', released_by: 'the end of the copy; it goes on after a crash by itself' }),
  OutputsCopied: () => missing('scheduler', 'its outputs are ready, and the scheduler has not heard of it', 'the scheduler, when it is there and has caught up with the events'),
  OutputsPrepared: () => missing('scheduler', 'its outputs are ready, and the scheduler has not heard of it', 'the scheduler, when it is there and has caught up with the events'),
  OutputsPrepareFailed: () => missing('scheduler', 'its outputs could not be prepared, and the scheduler has not ended it', 'the scheduler, when it is there and has caught up with the events'),
  OutputsCopyFailed: () => missing('scheduler', 'its copy has failed, and the scheduler has not ended it', 'the scheduler, when it is there and has caught up with the events'),
  RunOutputsReady: () => missing('scheduler', 'everything is there, and it was given no slot yet', 'the scheduler, at its next look at the slots'),
  RunHeld: ({ data }) => ({ kind: 'queue', service: 'scheduler', reason: String(data.reason), released_by: releaseOf(String(data.reason)) }),
  RunScheduled: () => missing('scheduler', 'it has a slot, and is not being launched', 'the executor, when it can make a process or pod'),
  RunStarting: () => missing('scheduler', 'it is being launched', 'the executor, when its process or pod is there'),
  RunStarted: () => null,
  RunBuilt: () => null,
  RunPending: ({ data }) => pending(data),
  RunPreempted: ({ data }) => ({
    kind: 'queue', service: 'scheduler', reason: `the machine took attempt ${String(data.attempt)} away`,
    released_by: typeof data.nextAttemptAt === 'string' ? `its next attempt, no earlier than ${data.nextAttemptAt}` : 'the scheduler, with the next free slot',
  }),
  RunAttemptFailed: ({ data }) => ({ kind: 'queue', service: 'scheduler', reason: `attempt ${String(data.attempt)} failed`, released_by: `its next attempt, no earlier than ${String(data.nextAttemptAt)}` }),
};

function pending({ cause, reason }: Entry['data']): Told {
  const why = typeof reason === 'string' ? `: ${reason}` : '';
  if (cause === 'unschedulable') return { kind: 'queue', service: 'scheduler', reason: `no machine has room for it${why}`, released_by: 'a machine with room for what it asks for, or less that it asks for' };
  if (cause === 'image') return missing('scheduler', `its image can't be had${why}`, 'a registry that has the image, and a secret that it may be pulled with');
  if (cause === 'building') return { kind: 'work', service: 'scheduler', reason: `its image is being built${why}`, released_by: 'the end of the build; it begins again by itself when its pod is lost' };
  if (cause === 'cluster') return missing('scheduler', `the cluster can't be reached${why}`, 'the cluster, when it answers');
  return missing('scheduler', `it is being launched${why}`, 'the executor, when its process or pod is there');
}

function releaseOf(reason: string): string {
  if (/POLYAXON_MAX_CONCURRENT_RUNS/.test(reason)) return 'the end of another run, or a higher POLYAXON_MAX_CONCURRENT_RUNS';
  if (/hptuning\.concurrency/.test(reason)) return 'the end of another member, or a resume of the group with a higher hptuning.concurrency';
  return 'the scheduler, when that is no longer so';
}

function stopping(history: readonly Entry[]): Told {
  const runs = history.some(({ type }) => type === 'RunStarted');
  const heard = history.some(({ type }) => type === 'RunStopRequested');
  if (!heard) return missing('scheduler', 'it was asked to stop, and the scheduler has not heard of it', 'the scheduler, when it is there and has caught up with the events');
  if (!runs) return missing('scheduler', 'it was asked to stop, and has not ended', 'the scheduler');
  return { kind: 'work', service: 'scheduler', reason: 'it was told to stop, and may still be saving', released_by: 'its end, or that of its grace period' };
}

/** Its status shows as done only when its console output is kept. */
function ended(end: Entry, history: readonly Entry[]): WaitBody {
  const logs = history.find(({ type }) => logsEnds.has(type));
  if (end.data.wasStarted === true && !logs)
    return { ...missing('log-collector', 'its run has ended, and its console output is not archived', 'the log-collector, when it is there and the store of logs answers'), since: end.time };
  return { ...missing('api-gateway', 'its run has ended, and that is not shown yet', 'the api-gateway, when it has caught up with the events'), since: (logs ?? end).time };
}
