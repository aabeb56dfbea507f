// Which events are there, who alone writes them, and on which topic are they heard?
import type { ExperimentEvent } from './events/experiment-events.ts';
import type { GroupEvent } from './events/group-events.ts';
import type { LogsEvent } from './events/logs-events.ts';
import type { OutputsEvent } from './events/outputs-events.ts';
import type { ProjectEvent } from './events/project-events.ts';
import type { RunEvent } from './events/run-events.ts';

export type Service = 'api-gateway' | 'scheduler' | 'storage-manager' | 'log-collector';
export type Category = 'experiment' | 'project' | 'group' | 'run' | 'outputs' | 'logs';
export type Topic = `${Category}.events`;

/** The events of each category; a stream is `<category>-<id>`, a topic `<category>.events`. */
export interface EventsOf {
  experiment: ExperimentEvent;
  project: ProjectEvent;
  group: GroupEvent;
  run: RunEvent;
  outputs: OutputsEvent;
  logs: LogsEvent;
}

export type Event = EventsOf[Category];
export type EventType = Event['type'];

/** Sole writer of each category. */
export const owners: Readonly<Record<Category, Service>> = {
  experiment: 'api-gateway',
  project: 'api-gateway',
  group: 'api-gateway',
  run: 'scheduler',
  outputs: 'storage-manager',
  logs: 'log-collector',
};

export type StreamName = `${Category}-${number}`;

export function categoryOf(stream: string): Category {
  const category = stream.slice(0, stream.indexOf('-'));
  if (!(category in owners)) throw new TypeError(`not a stream of ours: ${stream}`);
  return category as Category;
}

/** Current version of each event's schema; older ones are brought up to it by `upcast`. */
export const schemaVersions: Readonly<Record<EventType, number>> = {
  ExperimentCreated: 1,
  ExperimentResumeRequested: 1,
  ExperimentRestartRequested: 1,
  ExperimentCopyRequested: 1,
  ExperimentStopRequested: 1,
  ExperimentDone: 1,
  ExperimentDescribed: 1,
  ExperimentStatusReported: 1,
  ExperimentOutputsDeleteRequested: 1,
  ExperimentPinned: 1,
  ExperimentUnpinned: 1,
  ExperimentCheckpointReported: 1,
  ExperimentWorkLost: 1,
  ExperimentDeleted: 1,
  ProjectCreated: 1,
  ProjectDescribed: 1,
  CodeUploaded: 1,
  ProjectDeleted: 1,
  GroupCreated: 1,
  GroupIterationStarted: 1,
  GroupIterationEnded: 1,
  GroupMemberSkipped: 1,
  GroupStopRequested: 1,
  GroupResumeRequested: 1,
  GroupResumed: 1,
  GroupDescribed: 1,
  GroupStatusReported: 1,
  GroupDone: 1,
  GroupDeleted: 1,
  RunQueued: 1,
  RunOutputsReady: 1,
  RunHeld: 1,
  RunScheduled: 1,
  RunStarting: 1,
  RunStarted: 1,
  RunBuilt: 1,
  RunPending: 1,
  RunWarned: 1,
  RunCheckpointSeen: 1,
  RunStopRequested: 1,
  RunSucceeded: 1,
  RunFailed: 1,
  RunAttemptFailed: 1,
  RunStopped: 1,
  RunPreempted: 1,
  OutputsPrepared: 1,
  OutputsPrepareFailed: 1,
  OutputsCopyStarted: 1,
  OutputsCopied: 1,
  OutputsCopyFailed: 1,
  CheckpointsFound: 1,
  OutputsDeleted: 1,
  LogsArchived: 1,
  LogsArchiveFailed: 1,
  LogsDeleted: 1,
};
