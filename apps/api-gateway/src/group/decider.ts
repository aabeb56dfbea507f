// Which decisions are there about a group, in its own stream?
import type { GroupEvent } from '#contracts';
import type { Decider } from '#decider';
import { create, type CreateGroup } from './create.ts';
import { deleteGroup, type DeleteGroup } from './delete.ts';
import { describe, reportStatus, type DescribeGroup, type ReportGroupStatus } from './describe.ts';
import { end, type EndGroup } from './end.ts';
import { endIteration, type EndIteration } from './end-iteration.ts';
import { evolve, noGroup, type Group } from './group.ts';
import { recordResumed, type RecordResumed } from './record-resumed.ts';
import { resume, type ResumeGroup } from './resume.ts';
import { skipMember, type SkipMember } from './skip-member.ts';
import { stop, type StopGroup } from './stop.ts';

export type GroupCommand =
  | CreateGroup
  | EndIteration
  | SkipMember
  | StopGroup
  | ResumeGroup
  | RecordResumed
  | EndGroup
  | DescribeGroup
  | ReportGroupStatus
  | DeleteGroup;

export const groupDecider: Decider<Group, GroupCommand, GroupEvent> = {
  initialState: noGroup,
  evolve,
  decide(command, group) {
    switch (command.type) {
      case 'CreateGroup':
        return create(command, group);
      case 'EndIteration':
        return endIteration(command, group);
      case 'SkipMember':
        return skipMember(command, group);
      case 'StopGroup':
        return stop(command, group);
      case 'ResumeGroup':
        return resume(command, group);
      case 'RecordResumed':
        return recordResumed(command, group);
      case 'EndGroup':
        return end(command, group);
      case 'DescribeGroup':
        return describe(command, group);
      case 'ReportGroupStatus':
        return reportStatus(command, group);
      case 'DeleteGroup':
        return deleteGroup(command, group);
      default:
        return command satisfies never;
    }
  },
};
