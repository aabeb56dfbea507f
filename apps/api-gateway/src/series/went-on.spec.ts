// Does the page say where an attempt went on as it was, and not as it was meant?
import { farthestApart, wentOn } from './went-on.ts';

const resumed = { offered: 3000, read: 'unknown', isFirst: false, firstStep: 3100 } as const;

it.each([
  ['from the checkpoint it was given', resumed, 100, { from: 3000, by: 'checkpoint' }],
  ['also before it has reported anything', { ...resumed, firstStep: null }, 100, { from: 3000, by: 'checkpoint' }],
  ['at zero, when it began there all the same', { ...resumed, read: 'started-at-zero', firstStep: 1 }, 100, { from: 0, by: 'beginning' }],
  ['where it first reported, when it has not read it', { ...resumed, read: 'not-read', firstStep: 50 }, 100, { from: 50, by: 'first-step' }],
  ['where it first reported, when that is before the checkpoint', { ...resumed, firstStep: 2000 }, 100, { from: 2000, by: 'first-step' }],
  ['where it first reported, when checkpoints count something else', { ...resumed, offered: 40, firstStep: 40_100 }, 100, { from: 40_100, by: 'first-step' }],
  ['where it first reported, without a checkpoint', { ...resumed, offered: null }, 100, { from: 3100, by: 'first-step' }],
  ['nobody knows yet', { ...resumed, offered: null, firstStep: null }, null, { from: null, by: 'unknown' }],
  ['at the beginning, when it is the first', { offered: null, read: 'unknown', isFirst: true, firstStep: 10 }, null, { from: 0, by: 'beginning' }],
  ['from what was copied, when it is the first of a copy', { ...resumed, isFirst: true }, 100, { from: 3000, by: 'checkpoint' }],
] as const)('%s', (_, beginning, apart, expected) => expect(wentOn(beginning, apart)).toEqual(expected));

it('reports are as far apart as within one attempt', () => {
  expect(farthestApart([{ steps: [null, 1, 1, 11] }, { steps: [500, 505] }])).toBe(10);
  expect(farthestApart([{ steps: [1] }, { steps: [] }])).toBeNull();
});
