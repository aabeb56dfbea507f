// What identifies the things that messages speak of?

/** Of an experiment as users know it (`-xp 23`): one global sequence, from 1. */
export type ExperimentId = number & { readonly __brand?: 'ExperimentId' };
/** Of a project: one global sequence, from 1. */
export type ProjectId = number & { readonly __brand?: 'ProjectId' };
/** Of a group of experiments: a sequence of its own, from 1. */
export type GroupId = number & { readonly __brand?: 'GroupId' };
/** A done, numbered try of an experiment; rises by one with each, so that a late writer of an earlier one can be refused. */
export type Attempt = number;
/** Content address of uploaded code: 64 hexadecimal digits, the same for the same files. */
export type Revision = string;

/** Where an experiment lives for its users; the user is the owner of the project. */
export interface ExperimentIdentity {
  readonly experimentId: ExperimentId;
  readonly user: string;
  readonly project: string;
  readonly groupId: number | null;
}

export type CloningStrategy = 'resume' | 'restart' | 'copy';

export type DoneStatus = 'succeeded' | 'failed' | 'stopped' | 'upstream_failed' | 'skipped';
export type LiveStatus = 'created' | 'copying' | 'building' | 'scheduled' | 'starting' | 'running' | 'warning' | 'unschedulable' | 'unknown';
export type ExperimentStatus = LiveStatus | DoneStatus;

export const doneStatuses: readonly DoneStatus[] = ['succeeded', 'failed', 'stopped', 'upstream_failed', 'skipped'];

export function isDone(status: string): status is DoneStatus {
  return (doneStatuses as readonly string[]).includes(status);
}

export type GroupDoneStatus = 'done' | 'failed' | 'upstream_failed' | 'stopped' | 'skipped';
export type GroupStatus = 'created' | 'resuming' | 'running' | 'warning' | 'stopping' | 'unknown' | GroupDoneStatus;

export const groupDoneStatuses: readonly GroupDoneStatus[] = ['done', 'failed', 'upstream_failed', 'stopped', 'skipped'];

export function isGroupDone(status: string): status is GroupDoneStatus {
  return (groupDoneStatuses as readonly string[]).includes(status);
}
