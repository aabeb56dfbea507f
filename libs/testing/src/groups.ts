// What does an ordinary group look like in a test?
import type { GroupCreated, GroupDone, GroupIterationEnded, GroupIterationStarted, GroupOrder, GroupResumeRequested, GroupStopRequested, NewMember } from '#contracts';
import { aTime } from './controls.ts';

/** Group 7 of mona's project mnist searches two learning rates, two at once. */
export function aGroup(change: Partial<GroupOrder> = {}): GroupOrder {
  return {
    groupId: 7, uuid: '00000000-0000-4000-8000-000000000007', projectId: 1, user: 'mona', project: 'mnist', requestedBy: 'mona', requestedAt: aTime, name: null, description: null, tags: [],
    content: '{"version":1,"kind":"group","hptuning":{"matrix":{"lr":{"values":[0.1,0.2]}}},"run":{"cmd":"train --lr={{ lr }}"}}',
    hptuning: { matrix: { lr: { values: [0.1, 0.2] } }, seed: 1 }, searchAlgorithm: 'grid_search', concurrency: 2, codeRevision: null, isManaged: true, source: null, ...change,
  };
}

export const aMember = (experimentId: number, change: Partial<NewMember> = {}): NewMember => ({ experimentId, params: { lr: experimentId / 100 }, continues: null, ...change });

export const groupCreated = (change: Partial<GroupOrder> = {}): GroupCreated => ({ type: 'GroupCreated', data: aGroup(change) });
export const iterationStarted = (iteration: number, ...members: readonly NewMember[]): GroupIterationStarted => ({
  type: 'GroupIterationStarted',
  data: { groupId: 7, iteration, members, startedAt: aTime },
});
export const iterationEnded = (iteration: number, ...results: readonly (readonly [number, number | null])[]): GroupIterationEnded => ({
  type: 'GroupIterationEnded',
  data: { groupId: 7, iteration, results: results.map(([experimentId, metric]) => ({ experimentId, metric })), endedAt: aTime },
});
export const groupStopRequested = (change: Partial<GroupStopRequested['data']> = {}): GroupStopRequested => ({
  type: 'GroupStopRequested',
  data: { groupId: 7, pendingOnly: false, reason: null, requestedBy: 'mona', requestedAt: aTime, ...change },
});
export const groupResumeRequested = (change: Partial<GroupResumeRequested['data']> = {}): GroupResumeRequested => {
  const { content, hptuning, concurrency, codeRevision } = aGroup();
  return {
    type: 'GroupResumeRequested',
    data: { groupId: 7, members: [], content, hptuning, concurrency, codeRevision, override: null, updatesCode: false, forced: false, requestedBy: 'mona', requestedAt: aTime, ...change },
  };
};
export const groupDone = (change: Partial<GroupDone['data']> = {}): GroupDone => ({ type: 'GroupDone', data: { groupId: 7, status: 'done', message: null, doneAt: aTime, ...change } });
