// What does a service hear, and what does it do about it?
import type { Category, Event, EventsOf, Service } from '#contracts';
import type { Queryable, Recorded } from '#event-store';

/** The transaction a reaction works in, one for each: effects, inbox rows and the cursor are committed together, or none of them. */
export interface Unit {
  readonly on: Queryable;
  /** Runs once the transaction is committed: wake a worker, never do the work here. */
  afterCommit(then: () => void): void;
}

export type Reaction<E extends Event = Event> = (event: Recorded<E>, unit: Unit) => Promise<void>;

/** Every event of a consumed topic, with its reaction or the word `'ignore'`: leaving one out does not compile. */
export type Reactions<E extends Event> = { readonly [Type in E['type']]: Reaction<Extract<E, { type: Type }>> | 'ignore' };

/** The table of contents of a service. */
export interface Topology {
  /** Also the name of its consumer group. */
  readonly service: Service;
  readonly owns: readonly Category[];
  readonly consumes: { readonly [C in Category as `${C}.events`]?: Reactions<EventsOf[C]> };
}

/** The reaction to an event, or undefined when it is ignored or not heard at all. */
export function reactionTo(topology: Topology, category: Category, type: string): Reaction | undefined {
  const reactions = topology.consumes[`${category}.events`] as Readonly<Record<string, Reaction | 'ignore'>> | undefined;
  const reaction = reactions && Object.hasOwn(reactions, type) ? reactions[type] : undefined;
  return reaction === 'ignore' ? undefined : reaction;
}
