// How does an event read to somebody who was not there?
import type { HistoryEntry } from '#contracts';

/** Between services, of no use to most: shown folded. */
const technical = new Set(['RunQueued', 'RunOutputsReady', 'RunStarting', 'RunStopRequested', 'CheckpointsFound', 'LogsArchived', 'OutputsPrepared', 'RunScheduled']);

export function isTechnical({ type, data }: HistoryEntry): boolean {
  return technical.has(type) && offeredIn(data) === undefined;
}

const seen: Readonly<Record<string, string>> = { read: 'its program has read the checkpoint', 'not-read': 'its program has not read the checkpoint' };

const held: Readonly<Record<string, string>> = { unschedulable: 'no machine has room for it', image: 'its image can not be had so far', building: 'its image is being built', cluster: 'the cluster can not be reached' };

type Told = (entry: HistoryEntry, text: (key: string) => string) => string;

const sentences: Readonly<Record<string, Told>> = {
  ExperimentCreated: ({ actor }) => `${actor} asked for it`,
  ExperimentResumeRequested: ({ actor }, of) => `${actor} resumed #${of('sourceExperimentId')}`,
  ExperimentRestartRequested: ({ actor }, of) => `${actor} restarted #${of('sourceExperimentId')}`,
  ExperimentCopyRequested: ({ actor }, of) => `${actor} restarted #${of('sourceExperimentId')} with a copy of its outputs`,
  ExperimentStopRequested: ({ actor, data }) => (typeof data.reason === 'string' ? `it was asked to stop: ${data.reason}` : `${actor} asked it to stop`),
  ExperimentDescribed: ({ actor, data }) => `${actor} changed its ${Object.keys(data).filter((key) => !/^(experimentId|describedAt)$/.test(key)).join(', ')}`,
  ExperimentPinned: ({ actor }) => `${actor} pinned it`,
  ExperimentUnpinned: ({ actor }) => `${actor} unpinned it`,
  ExperimentDone: (_, of) => `it shows as ${of('status')}`,
  ExperimentDeleted: ({ actor }) => `${actor} deleted it`,
  ExperimentOutputsDeleteRequested: ({ actor }) => `${actor} had its outputs deleted`,
  ExperimentCheckpointReported: ({ data }, of) => (data.read === 'read' ? 'its program says that it has read the checkpoint' : `its program started at zero: ${of('how')}`),
  RunHeld: (_, of) => `it ${of('reason')}`,
  RunScheduled: (_, of) => `it got a slot, for attempt ${of('attempt')}`,
  RunStarted: ({ data }, of) => (Number(data.attempt) > 1 ? `attempt ${of('attempt')} started` : 'its program started'),
  RunBuilt: () => 'its build steps are done',
  RunWarned: (_, of) => `a warning: ${of('message')}`,
  RunCheckpointSeen: ({ data }, of) => `${seen[String(data.read)] ?? 'nobody saw whether it has read the checkpoint'}: ${of('how')}`,
  RunSucceeded: () => 'its program ended well',
  RunFailed: ({ data }, of) => `it failed${data.message ? `: ${of('message')}` : ''}`,
  RunStopped: () => 'its program was stopped',
  RunAttemptFailed: ({ data }, of) => `attempt ${of('attempt')} failed${data.message ? `: ${of('message')}` : ''}`,
  RunPending: ({ data }, of) => `${held[String(data.cause)] ?? 'it is being launched'}${data.reason ? `: ${of('reason')}` : ''}`,
  RunPreempted: ({ data }, of) => `the machine took attempt ${of('attempt')} away${data.message ? `: ${of('message')}` : ''}`,
  ExperimentWorkLost: ({ data }, of) =>
    `${Math.round(Number(data.seconds))} s${data.steps === null ? '' : ` and ${of('steps')} steps`} of attempt ${of('attempt')} are done again${data.checkpointPath === null ? ', since it has left no checkpoint' : ''}`,
  OutputsPrepared: ({ data }) => `it goes on from ${String(offeredIn(data))}`,
  OutputsPrepareFailed: (_, of) => `its outputs could not be prepared: ${of('reason')}`,
  OutputsCopyStarted: (_, of) => `the outputs of #${of('sourceExperimentId')} are being copied`,
  OutputsCopied: (_, of) => `${of('files')} files were copied`,
  OutputsCopyFailed: (_, of) => `the copy failed: ${of('message')}`,
  OutputsDeleted: () => 'its outputs are deleted',
  LogsArchiveFailed: () => 'its console output could not be kept',
};

/** One that has no sentence here is named. */
export function sentenceOf(entry: HistoryEntry): string {
  const told = isTechnical(entry) ? undefined : sentences[entry.type];
  return told ? told(entry, (key) => String(entry.data[key] ?? 'unknown')) : wordsOf(entry.type);
}

export function wordsOf(type: string): string {
  return type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

function offeredIn(data: HistoryEntry['data']): string | undefined {
  const { offered } = (data.checkpoint ?? {}) as { offered?: { path?: string } | null };
  return offered?.path;
}
