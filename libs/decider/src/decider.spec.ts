// Does the sentence given/when/then fail when it should?
import { decideAll, given, Refusal, type Decider } from './index.ts';

type Counted = { type: 'Counted'; data: { by: number } };
const counter: Decider<number, { by: number }, Counted> = {
  initialState: 0,
  evolve: (state, event) => state + event.data.by,
  decide: ({ by }, state) => {
    if (state + by > 3) throw new Refusal('too-many', 'at most 3', 'count less');
    return by === 0 ? [] : [{ type: 'Counted', data: { by } }];
  },
};
const counted = (by: number): Counted => ({ type: 'Counted', data: { by } });

describe('given, when, then', () => {
  it('accepts what the decision returned', () => given(counter, counted(1)).when({ by: 2 }).then(counted(2)));
  it('fails on another event', () => expect(() => given(counter).when({ by: 2 }).then(counted(1))).toThrow());
  it('knows nothing from something', () => {
    given(counter).when({ by: 0 }).thenNothing();
    expect(() => given(counter).when({ by: 1 }).thenNothing()).toThrow();
  });
  it('knows a refusal by its code', () => {
    given(counter, counted(3)).when({ by: 1 }).thenRefused('too-many');
    expect(() => given(counter, counted(3)).when({ by: 1 }).thenRefused('other')).toThrow();
    expect(() => given(counter).when({ by: 1 }).thenRefused('too-many')).toThrow();
    expect(() => given(counter).when({ by: 0 }).thenRefused('too-many')).toThrow('accepted');
  });
});

it('several commands are decided one upon the other', () => {
  expect(decideAll(counter, [{ by: 1 }, { by: 0 }, { by: 2 }], 0)).toEqual({ state: 3, events: [counted(1), counted(2)] });
  expect(() => decideAll(counter, [{ by: 2 }, { by: 2 }], 0)).toThrow(Refusal);
});
