// What may be said of a group, by its user or by who tracks it from outside?
import { isGroupDone, type GroupDescribed, type GroupDone, type GroupStatusReported } from '#contracts';
import { knownGroup, type Group } from './group.ts';

export interface DescribeGroup {
  readonly type: 'DescribeGroup';
  readonly data: GroupDescribed['data'];
}

export interface ReportGroupStatus {
  readonly type: 'ReportGroupStatus';
  readonly data: GroupStatusReported['data'];
}

export function describe({ data }: DescribeGroup, group: Group): GroupDescribed[] {
  knownGroup(group, data.groupId);
  return [{ type: 'GroupDescribed', data }];
}

/** A group that the platform runs is what its members are, whatever is said of it. */
export function reportStatus({ data }: ReportGroupStatus, group: Group): (GroupStatusReported | GroupDone)[] {
  const { groupId, status, message, reportedAt: doneAt } = data;
  const { state, order } = knownGroup(group, groupId);
  if (state !== 'live' || order.isManaged) return [];
  if (!isGroupDone(status)) return [{ type: 'GroupStatusReported', data }];
  return [{ type: 'GroupDone', data: { groupId, status, message, doneAt } }];
}
