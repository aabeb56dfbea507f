// What will a stop or a resume of a group do?
import { isGroupDone, type GroupBody, type GroupResumePlan } from '#contracts';
import { count, plural } from '../../text/amounts.ts';
import { wordsOf } from '../../text/statuses.ts';

export interface Told {
  readonly does: boolean;
  readonly text: string;
}

export function stopTold(group: GroupBody, isPendingOnly: boolean): Told {
  if (isGroupDone(group.last_status)) return { does: false, text: `It has ended already: it is ${wordsOf(group.last_status)}. There is nothing to stop.` };
  const [running, waiting] = [group.num_running_experiments + group.num_scheduled_experiments, group.num_pending_experiments];
  const goesOn = `${plural(running, 'member')} that ${running === 1 ? 'runs goes' : 'run go'} on to the end.`;
  if (isPendingOnly) return { does: true, text: `${plural(waiting, 'member')} that did not start will not. ${goesOn} Nothing new is tried.` };
  return { does: true, text: `The programs of ${plural(running, 'member')} are asked to end, ${count(waiting)} that did not start will not, and nothing new is tried. All outputs stay.` };
}

export function resumeTold({ goes_on: goesOn, stays, unmade }: GroupResumePlan): string {
  const parts = [`${plural(goesOn.length, 'member')} that did not succeed ${goesOn.length === 1 ? 'goes' : 'go'} on in ${goesOn.length === 1 ? 'its' : 'their'} outputs`];
  if (unmade > 0) parts.push(`${count(unmade)} that ${unmade === 1 ? 'was' : 'were'} never made will be`);
  if (stays > 0) parts.push(`${count(stays)} that ${stays === 1 ? 'has succeeded stays as it is' : 'have succeeded stay as they are'}`);
  return `${parts.join('; ')}. Then the search goes on from where it was.`;
}

export function groupCommand({ user, project, id }: { user: string; project: string; id: number }, verb: 'stop' | 'resume', isPendingOnly = false): string {
  return `polyaxon group -p ${user}/${project} -g ${id} ${verb}${isPendingOnly ? ' --pending' : ''}`;
}
