// What must a bus do, whichever it is?
import type { FailureKind } from './failure.ts';
import type { Topology } from './topology.ts';

export interface Consumption {
  /** Resolves when everything that was committed before the call has been reacted to; rejects after `timeoutMs`. For tests and rebuilds. */
  caughtUp(timeoutMs?: number): Promise<void>;
  /** Milliseconds since the oldest event not yet reacted to was appended; 0: none. */
  lagMs(): Promise<number>;
  /** Why it hears nothing at the moment, for those who ask whether the service is ready; undefined: it does. */
  problem(): string | undefined;
  /** Finishes the reaction under way and stops; bounded by the length of one reaction. */
  stop(): Promise<void>;
}

/** Told about what should never be silent. */
export interface Observer {
  deadLetter(letter: { consumerGroup: string; messageId: string; stream: string; type: string; reason: string; tries: number }): void;
  retry(failure: { consumerGroup: string; messageId: string; type: string; kind: FailureKind; tries: number; error: unknown }): void;
  paused(failure: { consumerGroup: string; error: unknown }): void;
  /** Something on the bus that the event store doesn't know: it had no effect. */
  foreign(record: { consumerGroup: string; where: string; reason: string }): void;
  /** They were reacted to before. */
  again(heard: { consumerGroup: string; count: number }): void;
  reacted(done: { consumerGroup: string; type: string; waitedMs: number }): void;
  /** Of each reaction by itself, also when what others did in its transaction made it vain. */
  handled(done: { consumerGroup: string; type: string; outcome: 'handled' | 'failed'; tookMs: number }): void;
}

/**
 * Ordered in each stream, at least once, from the beginning for a new group. Of the consumers of a group one reacts to an event, and another takes over when it is
 * gone. Effects happen once, because the inbox row is in their transaction.
 */
export interface Bus {
  consume(topology: Topology, observer?: Partial<Observer>): Consumption;
}
