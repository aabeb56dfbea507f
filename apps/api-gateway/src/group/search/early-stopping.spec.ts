// Which members, or whether the whole group, should stop early?
import fc from 'fast-check';
import type { EarlyStopping } from '#polyaxonfile';
import { earlyStop, type Measured } from './early-stopping.ts';

const member = (id: number, loss: readonly (number | null)[], isLive = true): Measured => ({ id, isLive, metrics: { loss } });
const policy = (kind: 'median' | 'average' | 'truncation', more: object = {}): EarlyStopping => ({ metric: 'loss', optimization: 'minimize', policy: { kind, ...more } });
const stopped = (one: EarlyStopping, ...members: Measured[]) => earlyStop([one], members).members.map(({ id }) => id);
const goesOn = { group: null, members: [] };

describe('a value', () => {
  const until: EarlyStopping = { metric: 'loss', optimization: 'minimize', value: 0.1 };
  it('that a member has reached stops the group, and says whose it was', () => {
    expect(earlyStop([until], [member(4, [1, 0.5]), member(5, [0.2, 0.09, 0.3], false)])).toEqual({ group: 'loss of experiment 5 is 0.09 and has reached 0.1', members: [] });
    expect(earlyStop([{ metric: 'loss', value: 0.9 }], [member(1, [0.9])]).group).toContain('has reached 0.9');
  });
  it('that nobody has reached stops nobody', () => {
    expect(earlyStop([until], [member(4, [1, 0.5, null, Number.NaN, -Infinity]), { id: 5, isLive: true, metrics: { accuracy: [0] } }])).toEqual(goesOn);
    expect(earlyStop([until], [])).toEqual(goesOn);
  });
  it('comes before any policy', () => {
    expect(earlyStop([policy('truncation', { percent: 50 }), until], [member(1, [0.05]), member(2, [3])])).toMatchObject({ group: expect.any(String), members: [] });
  });
});

describe('median', () => {
  const others = [member(1, [1, 1, 1]), member(2, [2, 2, 2], false), member(3, [3, 3, 3])];
  it('stops who is worse at its best than the others were on average', () => {
    expect(earlyStop([policy('median')], [...others, member(4, [9, 2.5, 4])]).members).toEqual([
      { id: 3, reason: 'loss is 3 at its best after 3 values, worse than 2, the median of what 3 others had until then' },
      { id: 4, reason: 'loss is 2.5 at its best after 3 values, worse than 2, the median of what 3 others had until then' },
    ]);
  });
  it('compares with what the others had by then, not with what they have now', () => {
    const [early, late] = [member(4, [5]), [1, 2, 3].map((id) => member(id, [6, 0, 0]))];
    expect(stopped(policy('median'), early, ...late)).toEqual([]);
  });
  it('waits until it knows three others', () => expect(stopped(policy('median'), member(1, [1]), member(2, [1]), member(4, [9]))).toEqual([]));
  it('looks only as often as the interval says', () => {
    const all = [1, 2, 3].map((id) => member(id, [1, 1, 1, 1]));
    expect(stopped(policy('median', { evaluation_interval: 4 }), ...all, member(4, [9, 9, 9]))).toEqual([]);
    expect(stopped(policy('median', { evaluation_interval: 3 }), ...all, member(4, [9, 9, 9, 0]))).toEqual([4]);
  });
  it('goes up when the metric is to be maximised', () => expect(stopped({ metric: 'loss', policy: { kind: 'median' } }, ...others, member(4, [0.5, 0.5, 0.5]))).toEqual([1, 4]));
  it('stops nobody among equals, although 0.1 three times over 3 is a little more than 0.1', () => {
    const equals = [1, 2, 3, 4, 5].map((id) => member(id, [0.1, 0.1, 0.1]));
    for (const kind of ['median', 'average'] as const) expect(earlyStop([{ metric: 'loss', policy: { kind } }], equals)).toEqual(goesOn);
  });
  it('stops who has never reported a number', () => {
    expect(earlyStop([policy('median')], [...others, member(4, [null, Number.NaN, null])]).members).toContainEqual({ id: 4, reason: expect.stringContaining('loss is no number at its best') });
  });
});

it('average lets one outlier among the others weigh', () => {
  const all = [member(1, [1]), member(2, [1]), member(3, [10])];
  expect(stopped(policy('average'), ...all, member(4, [3]))).toEqual([3]);
  expect(stopped(policy('median'), ...all, member(4, [3]))).toEqual([3, 4]);
});

describe('truncation', () => {
  const ten = Array.from({ length: 10 }, (_, index) => member(index + 1, [index]));
  it('stops the worst of a hundred', () => {
    expect(stopped(policy('truncation', { percent: 30 }), ...ten)).toEqual([8, 9, 10]);
    expect(earlyStop([policy('truncation', { percent: 10 })], ten).members[0]?.reason).toBe('loss is 9 at its best after 1 value: among the worst 10 % of 10 members');
  });
  it('of few members stops nobody, and never the best', () => {
    expect(stopped(policy('truncation', { percent: 30 }), ...ten.slice(0, 3))).toEqual([]);
    expect(stopped(policy('truncation', { percent: 99 }), member(1, [1]), member(2, [1]))).toEqual([2]);
  });
  it('asked again after it has stopped them stops no more', () => {
    const again = ten.map((one) => ({ ...one, isLive: one.id < 8 }));
    expect(stopped(policy('truncation', { percent: 30 }), ...again)).toEqual([]);
  });
});

it('whatever is reported, only live members stop, each once, and never all of them', () => {
  const values = fc.array(fc.option(fc.double()), { maxLength: 5 });
  const group = fc.array(fc.record({ isLive: fc.boolean(), loss: values }), { maxLength: 12 }).map((all) => all.map(({ isLive, loss }, id) => member(id, loss, isLive)));
  const policies = fc.array(fc.constantFrom(policy('median'), policy('average'), policy('truncation', { percent: 60, evaluation_interval: 2 })), { maxLength: 1 });
  fc.assert(fc.property(group, policies, (members, chosen) => {
    const ids = earlyStop(chosen, members).members.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => members[id]?.isLive)).toBe(true);
    if (members.length > 0) expect(ids.length).toBeLessThan(members.length);
    expect(earlyStop(chosen, members)).toEqual(earlyStop(chosen, members));
  }));
});
