// What is to be done for a group now, going by what there is and not by what happened?
import { isDone, type ExperimentId, type GroupDoneStatus, type TrialResult, type Measure } from '#contracts';
import { trialAt, trialsOf, type Group, type Trial } from './group.ts';

/** What there is of an experiment in the group, whoever made it. */
export interface Member {
  readonly experimentId: ExperimentId;
  readonly originalId: ExperimentId;
  readonly isResume: boolean;
  readonly status: string;
  readonly isDeleted: boolean;
  readonly lastMetric: Readonly<Record<string, Measure>>;
}

export type Step =
  | { readonly do: 'make'; readonly trials: readonly Trial[] }
  | { readonly do: 'say-resumed' }
  | { readonly do: 'stop'; readonly experimentIds: readonly ExperimentId[] }
  | { readonly do: 'end-iteration'; readonly iteration: number }
  | { readonly do: 'end'; readonly status: GroupDoneStatus; readonly message: string | null }
  | { readonly do: 'wait' };

/** Not started, so a stop costs nothing. */
const waiting: readonly string[] = ['created', 'copying', 'building'];

export function nextStep(group: Group, members: readonly Member[]): Step {
  if (group.state !== 'live' || !group.order?.isManaged) return { do: 'wait' };
  const live = members.filter(isLive);
  if (group.stop !== null) return stopping(group.stop, group, members, live);
  const unmade = unmadeTrials(group, members).filter(({ skipped }) => skipped === null);
  if (unmade.length > 0) return { do: 'make', trials: unmade };
  if (group.isResuming) return { do: 'say-resumed' };
  if (live.length > 0) return { do: 'wait' };
  return group.results.length < group.iterations.length ? { do: 'end-iteration', iteration: group.results.length } : { do: 'end', ...outcomeOf(group, members) };
}

/** Also those that could not be made: a resume of the group tries them again. */
export function unmadeTrials(group: Group, members: readonly Member[]): readonly Trial[] {
  const made = new Set(members.map(({ experimentId }) => experimentId));
  return trialsOf(group).filter(({ experimentId }) => !made.has(experimentId));
}

function stopping(stop: NonNullable<Group['stop']>, group: Group, members: readonly Member[], live: readonly Member[]): Step {
  const concerned = stop.pendingOnly ? live.filter(({ status }) => waiting.includes(status)) : live;
  if (concerned.length > 0) return { do: 'stop', experimentIds: concerned.map(({ experimentId }) => experimentId) };
  if (live.length > 0) return { do: 'wait' };
  if (stop.reason !== null) return { do: 'end', status: 'done', message: stop.reason };
  const unfinished = trialsOf(group).length - members.filter(({ status }) => status === 'succeeded').length;
  return { do: 'end', status: 'stopped', message: stop.pendingOnly && unfinished > 0 ? 'its waiting members were stopped' : null };
}

/** Whoever holds a trial, and went on with it last: a user may have resumed a member by hand. */
export function holderOf(group: Group, { experimentId }: Trial, members: readonly Member[]): Member | undefined {
  const held = members.find((member) => member.experimentId === experimentId);
  if (!held) return undefined;
  const others = new Set(trialsOf(group).map((trial) => trial.experimentId));
  const later = members.filter((one) => one.isResume && !one.isDeleted && one.originalId === held.originalId && one.experimentId > experimentId && !others.has(one.experimentId));
  const before = Math.min(...[...others].filter((id) => id > experimentId && members.some((one) => one.experimentId === id && one.originalId === held.originalId)));
  return later.filter((one) => one.experimentId < before).at(-1) ?? held;
}

export function resultsOf(group: Group, iteration: number, members: readonly Member[], metricName: string | null): readonly TrialResult[] {
  return (group.iterations[iteration] ?? []).map((trial) => {
    const holder = holderOf(group, trial, members);
    return { experimentId: holder?.experimentId ?? trial.experimentId, metric: metricName === null ? null : finite(holder?.lastMetric[metricName]) };
  });
}

/** What is not a number is no result. */
function finite(measure: Measure | undefined): number | null {
  return typeof measure === 'number' ? measure : null;
}

/** Trials that have not succeeded and that nobody else goes on with. */
export function resumable(group: Group, members: readonly Member[]): readonly { readonly trial: Trial; readonly holder: Member }[] {
  const continued = new Set(trialsOf(group).flatMap(({ continues }) => (continues && trialAt(group, continues) ? [trialAt(group, continues) as Trial] : [])));
  return trialsOf(group).flatMap((trial) => {
    const holder = holderOf(group, trial, members);
    return !continued.has(trial) && holder && !holder.isDeleted && holder.status !== 'succeeded' ? [{ trial, holder }] : [];
  });
}

export function outcomeOf(group: Group, members: readonly Member[]): { readonly status: GroupDoneStatus; readonly message: string | null } {
  const trials = trialsOf(group);
  const holders = trials.map((trial) => holderOf(group, trial, members)?.status ?? 'skipped');
  const failed = holders.filter((status) => status !== 'succeeded' && status !== 'stopped').length;
  const [skipped] = trials.filter((trial) => trial.skipped !== null);
  const because = skipped ? ` (experiment ${skipped.experimentId}: ${skipped.skipped})` : '';
  if (failed === 0) return { status: 'done', message: null };
  return { status: failed === trials.length ? 'failed' : 'done', message: `${failed} of ${trials.length} members failed${because}` };
}

export function isLive({ status, isDeleted }: Member): boolean {
  return !isDeleted && !isDone(status);
}
