// Is the best one the best, and is each member drawn where its values are?
import { axesOf, bestOf, judgedBy, paramsOf, ranked, summaryOf } from './search-space.ts';

const member = (id: number, params: Record<string, unknown>, last_metric: Record<string, number | string> = {}) => ({ id, params, last_metric }) as Parameters<typeof ranked>[0][number];
const members = [
  member(1, { lr: 0.001, optimizer: 'sgd', seed: 1 }, { loss: 0.5 }), member(2, { lr: 1, optimizer: 'adam', seed: 1 }, { loss: 'nan' }), member(3, { lr: 0.1, optimizer: 'adam', seed: 1 }, { loss: 0.1 }),
  member(4, { lr: 0.01, seed: 1 }),
];
const group = (hptuning: object = {}) => ({ hptuning: hptuning as Record<string, unknown> });
const nothing = { metric: null, direction: null };
const byLoss = { metric: 'loss', direction: 'min' } as const;

it.each([
  ['what the search goes by', { hyperband: { metric: { name: 'accuracy', optimization: 'maximize' } } }, nothing, { metric: 'accuracy', direction: 'max' }],
  ['also a policy that ends it', { early_stopping: [{ policy: {} }, { metric: 'err', optimization: 'minimize' }] }, nothing, { metric: 'err', direction: 'min' }],
  ['else what was reported', {}, nothing, { metric: 'loss', direction: 'min' }],
  ['what the reader chose', { bo: { metric: { name: 'loss', optimization: 'minimize' } } }, { metric: 'val_acc', direction: null }, { metric: 'val_acc', direction: 'max' }],
  ['in the direction they chose', {}, { metric: 'loss', direction: 'max' }, { metric: 'loss', direction: 'max' }],
] as const)('judged by %s', (_, hptuning, asked, judged) => expect(judgedBy(group(hptuning), members, asked)).toEqual(judged));
it('without any metric by none', () => expect(judgedBy(group(), [member(1, {})], nothing)).toEqual({ metric: null, direction: 'min' }));
it('the best first, those without a number last', () => expect([ranked(members, byLoss), ranked(members, { ...byLoss, direction: 'max' })].map((all) => all.map(({ id }) => id))).toEqual([[3, 1, 2, 4], [1, 3, 2, 4]]));
it('nobody is the best of nothing', () => expect([bestOf([], byLoss), bestOf([members[1] as never], byLoss)]).toEqual([null, null]));
it('what is searched, and what differs, is an axis', () => {
  const params = [paramsOf(group({ matrix: { seed: {} } }), members), paramsOf(group(), members), paramsOf(group({ matrix: { gone: {} } }), [])];
  expect(params).toEqual([['seed', 'lr', 'optimizer'], ['lr', 'optimizer'], []]);
});
it('places are along the axis: by the logarithm over some orders of magnitude, words one above the other', () => {
  const [lr, optimizer, seed, loss] = axesOf(['lr', 'optimizer', 'seed'], members, byLoss);
  expect(lr).toMatchObject({ scale: 'log', ticks: [{ at: 0, text: '0.001' }, { text: '0.01' }, { text: '0.1' }, { at: 1, text: '1' }] });
  expect(lr?.places.map((place) => place && Math.round(place * 1000))).toEqual([0, 1000, 667, 333]);
  expect(optimizer).toEqual({ name: 'optimizer', isMetric: false, scale: 'words', ticks: [{ at: 0, text: 'adam' }, { at: 1, text: 'sgd' }], places: [1, 0, 0, null] });
  expect([seed?.places, loss?.places, loss?.scale]).toEqual([[0.5, 0.5, 0.5, 0.5], [1, null, 0, null], 'linear']);
});
it('who sees no picture reads it', () =>
  expect([summaryOf(members, byLoss, ['lr']), summaryOf([member(1, {})], { metric: null, direction: 'min' }, [])]).toEqual([
    '2 of 4 members have loss. The best, #3, has 0.1 with lr 0.1', '1 members over no params; none has reported a metric yet',
  ]));
it('of many values only the ends are told', () =>
  expect(axesOf(['x'], Array.from({ length: 9 }, (_, x) => member(x + 1, { x })), { metric: null, direction: 'min' })[0]?.ticks).toEqual([{ at: 0, text: '0' }, { at: 1, text: '8' }]));
