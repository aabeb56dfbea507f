// What does every decision look like?

/** A fact or a request: `type` says what, `data` is flat JSON. */
export interface Message<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** Pure: no clock, no randomness, no IO. `decide` throws `Refusal`, or returns what has then happened ([] = it already had). */
export interface Decider<State, Command, Event> {
  readonly initialState: State;
  evolve(state: State, event: Event): State;
  decide(command: Command, state: State): Event[];
}

/** The state after a whole history. */
export function evolveAll<State, Event>(decider: Pick<Decider<State, never, Event>, 'initialState' | 'evolve'>, events: readonly Event[]): State {
  return events.reduce((state, event) => decider.evolve(state, event), decider.initialState);
}

/** Each is decided upon what those before it have brought about. */
export function decideAll<State, Command, Event>(decider: Decider<State, Command, Event>, commands: readonly Command[], before: State): { readonly state: State; readonly events: readonly Event[] } {
  const events: Event[] = [];
  let state = before;
  for (const command of commands) {
    const decided = decider.decide(command, state);
    state = decided.reduce((now, event) => decider.evolve(now, event), state);
    events.push(...decided);
  }
  return { state, events };
}
