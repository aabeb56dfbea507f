// What is known of a group: which trials are there, who holds each, and what have they come to?
import type { ExperimentId, GroupEvent, GroupOrder, GroupResumeRequested, GroupStatus, TrialPlace, TrialResult } from '#contracts';
import { Refusal } from '#decider';

/** A trial of the search and the experiment that holds it now; a resume of the group gives it another. */
export interface Trial extends TrialPlace {
  readonly experimentId: ExperimentId;
  readonly params: Readonly<Record<string, unknown>>;
  readonly continues: TrialPlace | null;
  /** Who held it before the group was resumed; null: nobody did. */
  readonly replaces: ExperimentId | null;
  /** Why it could not be made; null: it can. */
  readonly skipped: string | null;
}

/**
 * live -> done -> live again by a resume ... -> deleted. The search goes by iterations: one has ended when its results are written, and only then the next one starts, in
 * the same append.
 */
export interface Group {
  readonly state: 'absent' | 'live' | 'done' | 'deleted';
  /** As it is now: a resume may change it. Null when absent. */
  readonly order: GroupOrder | null;
  readonly iterations: readonly (readonly Trial[])[];
  /** Of the iterations that have ended. */
  readonly results: readonly (readonly TrialResult[])[];
  readonly stop: { readonly pendingOnly: boolean; readonly reason: string | null; readonly by: string } | null;
  /** How the members were last asked to go on; null: never. */
  readonly resume: Pick<GroupResumeRequested['data'], 'override' | 'updatesCode' | 'codeRevision' | 'forced' | 'requestedBy'> | null;
  /** A resume was asked for, and not every member has been. */
  readonly isResuming: boolean;
  /** Who holds a trial since the beginning, or since the last resume: early stopping goes by them alone. */
  readonly fresh: readonly ExperimentId[];
  readonly doneStatus: GroupStatus | null;
}

export const noGroup: Group = { state: 'absent', order: null, iterations: [], results: [], stop: null, resume: null, isResuming: false, fresh: [], doneStatus: null };

export function trialsOf({ iterations }: Pick<Group, 'iterations'>): readonly Trial[] {
  return iterations.flat();
}

export function trialAt({ iterations }: Pick<Group, 'iterations'>, { iteration, index }: TrialPlace): Trial | undefined {
  return iterations[iteration]?.[index];
}

export type KnownGroup = Group & { readonly order: GroupOrder };

export function knownGroup(group: Group, id: number): KnownGroup {
  if (group.order === null || group.state === 'absent' || group.state === 'deleted') throw new Refusal('group-not-found', `there is no group ${id}`, 'polyaxon project groups');
  return group as KnownGroup;
}

export function evolve(group: Group, event: GroupEvent): Group {
  switch (event.type) {
    case 'GroupCreated':
      return { ...group, state: 'live', order: event.data };
    case 'GroupIterationStarted': {
      const { iteration, members } = event.data;
      const trials = members.map((member, index): Trial => ({ ...member, iteration, index, replaces: null, skipped: null }));
      return { ...group, iterations: [...group.iterations, trials], fresh: [...group.fresh, ...members.map(({ experimentId }) => experimentId)] };
    }
    case 'GroupIterationEnded':
      return { ...group, results: [...group.results, event.data.results] };
    case 'GroupMemberSkipped':
      return withTrials(group, (trial) => (trial.experimentId === event.data.experimentId ? { ...trial, skipped: event.data.reason } : trial));
    case 'GroupStopRequested': {
      const { pendingOnly, reason, requestedBy: by } = event.data;
      return { ...group, stop: { pendingOnly, reason, by } };
    }
    case 'GroupResumeRequested':
      return resumed(group, event.data);
    case 'GroupResumed':
      return { ...group, isResuming: false };
    case 'GroupDone':
      return { ...group, state: 'done', doneStatus: event.data.status, isResuming: false };
    case 'GroupDeleted':
      return { ...group, state: 'deleted' };
    case 'GroupDescribed':
    case 'GroupStatusReported':
      return group; // nothing is decided by what is said of it
    default:
      return event satisfies never;
  }
}

function resumed(group: Group, data: GroupResumeRequested['data']): Group {
  if (group.order === null) return group;
  const { members, content, hptuning, concurrency, codeRevision } = data;
  const next = withTrials(group, (trial) => {
    const member = members.find(({ iteration, index }) => trial.iteration === iteration && trial.index === index);
    return member ? { ...trial, experimentId: member.experimentId, replaces: member.sourceExperimentId, skipped: null } : { ...trial, skipped: null };
  });
  return {
    ...next, state: 'live', order: { ...group.order, content, hptuning, concurrency, codeRevision }, stop: null, resume: data, isResuming: true, doneStatus: null,
    fresh: members.map(({ experimentId }) => experimentId),
  };
}

function withTrials(group: Group, change: (trial: Trial) => Trial): Group {
  return { ...group, iterations: group.iterations.map((trials) => trials.map(change)) };
}
