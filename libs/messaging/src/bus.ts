// What must a bus do, whichever it is?
import type { Topology } from './topology.ts';

export interface Consumption {
  /** Resolves when everything that was committed before the call has been reacted to; rejects after `timeoutMs`. For tests and rebuilds. */
  caughtUp(timeoutMs?: number): Promise<void>;
  /** Milliseconds since the oldest event not yet reacted to was appended; 0: none. */
  lagMs(): Promise<number>;
  /** Finishes the reaction under way and stops; bounded by the length of one reaction. */
  stop(): Promise<void>;
}

/** Told about what should never be silent. */
export interface Observer {
  deadLetter(letter: { consumerGroup: string; messageId: string; stream: string; type: string; reason: string; tries: number }): void;
  retry(failure: { consumerGroup: string; messageId: string; type: string; kind: string; tries: number; error: unknown }): void;
  paused(failure: { consumerGroup: string; error: unknown }): void;
  reacted(done: { consumerGroup: string; type: string; waitedMs: number }): void;
}

/**
 * Ordered in each stream, at least once, one active consumer in a group, from the beginning for a new group. Effects happen once, because the inbox row is in
 * their transaction.
 */
export interface Bus {
  consume(topology: Topology, observer?: Partial<Observer>): Consumption;
}
