// What crosses a process boundary?
export {
  doneStatuses, groupDoneStatuses, isDone, isGroupDone,
  type Attempt, type CloningStrategy, type DoneStatus, type ExperimentId, type ExperimentIdentity, type ExperimentStatus, type GroupDoneStatus, type GroupId, type GroupStatus, type LiveStatus,
  type ProjectId, type Revision,
} from './identity.ts';
export { type EventOf, type Metadata, type Time } from './events/message.ts';
export {
  type ExperimentClone, type ExperimentCopyRequested, type ExperimentCreated, type ExperimentDeleted, type ExperimentDescribed, type ExperimentDone,
  type ExperimentCheckpointReported, type ExperimentEvent, type ExperimentOrder, type ExperimentOutputsDeleteRequested, type ExperimentPinned,
  type ExperimentRestartRequested, type ExperimentResumeRequested, type ExperimentStatusReported, type ExperimentStopRequested, type ExperimentUnpinned, type ExperimentWorkLost,
  type OutputsReference,
} from './events/experiment-events.ts';
export {
  type GroupCreated, type GroupDeleted, type GroupDescribed, type GroupDone, type GroupEvent, type GroupIterationEnded, type GroupIterationStarted, type GroupMemberSkipped, type GroupOrder,
  type GroupResumed, type GroupResumeRequested, type GroupSource, type GroupStatusReported, type GroupStopRequested, type NewMember, type SearchAlgorithm, type TrialPlace, type TrialResult,
} from './events/group-events.ts';
export { type CodeUploaded, type ProjectCreated, type ProjectDeleted, type ProjectDescribed, type ProjectEvent } from './events/project-events.ts';
export {
  type EndCause, type PendingCause, type RepeatedReason,
  type RunAttemptFailed, type RunBuilt, type RunCheckpointSeen, type RunEvent, type RunFailed, type RunHeld, type RunOutputsReady, type RunPending, type RunPreempted,
  type RunQueued, type RunScheduled, type RunStarted, type RunStarting, type RunStopped, type RunStopRequested, type RunSucceeded, type RunWarned, type TakenCause,
} from './events/run-events.ts';
export {
  type CheckpointOffer, type CheckpointSetAside, type CheckpointsFound, type CheckpointSummary,
  type OutputsCopied, type OutputsCopyFailed, type OutputsCopyStarted, type OutputsDeleted, type OutputsEvent, type OutputsPrepared,
  type OutputsPrepareFailed,
} from './events/outputs-events.ts';
export { type LogsArchived, type LogsArchiveFailed, type LogsDeleted, type LogsEvent } from './events/logs-events.ts';
export { categoryOf, owners, schemaVersions, type Category, type Event, type EventsOf, type EventType, type Service, type StreamName, type Topic } from './topics.ts';
export { isEventType, NewerEvent, parseEvent, UnreadableEvent } from './parse-event.ts';
export { refusalStatuses, type Problem, type RefusalCode } from './refusals.ts';
export { limits, namePattern, reservedUsernames } from './limits.ts';
export { eventCategories, eventSchemas } from './generated/event-schemas.ts';
export { type BookmarkBody, type Page, type UserBody } from './http/lists.ts';
export { type CodeReferenceBody, type ProjectBody } from './http/projects.ts';
export { type ExperimentBody, type HistoryEntry, type LineageBody, type Measure, type MetricBody, type ResourceAmounts, type Resources, type StatusBody } from './http/experiments.ts';
export { type GroupBody, type GroupResumePlan, type GroupResumeRequest, type GroupStatusBody } from './http/groups.ts';
export { type AttemptReportBody, type ClusterBody, type JobBody, type JobStatusBody, type MachineBody, type NodeBody, type RunUsageBody } from './http/machines.ts';
export {
  type CheckpointChoice, type CheckpointOfferBody, type CheckpointsBody, type CopyBody, type CopyProgressBody, type CopyTaskBody,
  type OutputsDigestBody, type OutputsFileBody, type OutputsLinkBody, type OutputsSummary, type OutputsTreeBody, type StoreBody,
} from './http/outputs.ts';
export { stepNames, type AttemptSeries, type LostStretch, type RunsSeriesBody, type SeriesBody, type SeriesPoints } from './http/series.ts';
export { type FreedOutputs, type RetentionBody, type RetentionOrder, type RetentionRequest } from './http/retention.ts';
export { type LineIndexBody, type LogHit, type LogPart, type LogSearchBody } from './http/logs.ts';
export { type CauseBody, type ClonedBody, type ClonePlan, type CloneRequest, type Difference } from './http/clones.ts';
export { type ExperimentComparison, type FileDifference, type FilesComparison } from './http/comparisons.ts';
export {
  type DeadLetterBody, type DroppedLetterBody, type FleetBody, type FleetServiceBody, type FlowBody, type LostWorkBody, type ResumesBody, type ServiceBody, type StorageHeldBody, type StorageHolderBody,
  type WaitBody, type WaitingBody,
} from './http/fleet.ts';
export { needKinds, type DismissalBody, type DoneBody, type NeedBody, type NeedKind, type NowBody, type NowExperiment, type RunningBody } from './http/now.ts';
export { type AsOfBody, type ExperimentStateBody } from './http/as-of.ts';
