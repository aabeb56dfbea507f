// How does a decision's test read? given(history).when(command).then(events) | .thenNothing() | .thenRefused(code)
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { evolveAll, type Decider } from './decider.ts';
import { Refusal } from './refusal.ts';

/** Binds the sentence to one decider; assertion errors show expected and actual events. */
export function given<State, Command, Event>(decider: Decider<State, Command, Event>, ...history: Event[]) {
  return {
    when(command: Command) {
      const decide = () => decider.decide(command, evolveAll(decider, history));
      return {
        then: (...expected: Event[]) => deepStrictEqual(decide(), expected),
        thenNothing: () => deepStrictEqual(decide(), []),
        thenRefused(code: string) {
          let refused: unknown;
          try {
            deepStrictEqual(decide(), [], `expected the refusal ${code}`);
          } catch (error) {
            refused = error;
          }
          if (!(refused instanceof Refusal)) throw refused instanceof Error ? refused : new Error(`expected the refusal ${code}, but it was accepted`);
          strictEqual(refused.code, code);
          return refused;
        },
      };
    },
  };
}
