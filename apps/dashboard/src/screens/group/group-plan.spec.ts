// Does a plan for a group say what will happen to how many of its members?
import type { GroupBody } from '#contracts';
import { groupCommand, resumeTold, stopTold } from './group-plan.ts';

const group = (last_status: string) => ({ last_status, num_running_experiments: 1, num_scheduled_experiments: 1, num_pending_experiments: 5 }) as unknown as GroupBody;

it('a stop', () => expect(stopTold(group('running'), false)).toEqual({ does: true, text: 'The programs of 2 members are asked to end, 5 that did not start will not, and nothing new is tried. All outputs stay.' }));
it('a stop of those that wait', () => expect(stopTold(group('running'), true).text).toBe('5 members that did not start will not. 2 members that run go on to the end. Nothing new is tried.'));
it('what has ended is not stopped', () => expect(stopTold(group('done'), false)).toEqual({ does: false, text: 'It has ended already: it is done. There is nothing to stop.' }));
it('a resume', () =>
  expect([resumeTold({ goes_on: [3, 4], stays: 1, unmade: 2, refusal: null }), resumeTold({ goes_on: [3], stays: 0, unmade: 0, refusal: null })]).toEqual([
    '2 members that did not succeed go on in their outputs; 2 that were never made will be; 1 that has succeeded stays as it is. Then the search goes on from where it was.',
    '1 member that did not succeed goes on in its outputs. Then the search goes on from where it was.',
  ]));
it('the same in a terminal', () => {
  const which = { user: 'mona', project: 'mnist', id: 7 };
  expect([groupCommand(which, 'resume'), groupCommand(which, 'stop', true)]).toEqual(['polyaxon group -p mona/mnist -g 7 resume', 'polyaxon group -p mona/mnist -g 7 stop --pending']);
});
