// How is an event reacted to once, and what becomes of one that can't be?
import { categoryOf, type Category } from '#contracts';
import { errandOf, inSpan, onErrand, parse, type EventStore, type Queryable, type Stored } from '#event-store';
import type { Observer } from './bus.ts';
import { kindOf } from './failure.ts';
import { reactionTo, type Topology, type Unit } from './topology.ts';

const replayedAtOnce = 100;

/** `hop`: the span in which the bus brought it, where the bus tells. */
export type Heard = Stored & { readonly hop?: string | undefined };

/** What is done in the transaction of the effects, so that it is committed with them or not at all. */
export type Alongside = (on: Queryable) => Promise<void>;

/** The part of a consumer that is the same on every bus: whatever brings the events, effects and inbox rows are one transaction. */
export class Reactor {
  readonly group: string;

  constructor(
    readonly store: EventStore,
    private readonly topology: Topology,
    private readonly observer: Partial<Observer>,
  ) {
    this.group = topology.service;
  }

  hears(category: Category, type: string): boolean {
    return reactionTo(this.topology, category, type) !== undefined;
  }

  /** All of them, in this order, in one transaction; those whose inbox row is there already are left out. */
  async react(messages: readonly Heard[], alongside?: Alongside): Promise<void> {
    if (messages.length === 0 && !alongside) return;
    const afterCommit: (() => void)[] = [];
    const fresh = await this.store.transaction(async (on) => {
      const unit: Unit = { on, afterCommit: (then) => afterCommit.push(then) };
      await alongside?.(on);
      const entered = await this.#enter(messages, on);
      for (const message of entered) await this.#reaction(message, unit);
      return entered;
    });
    for (const then of afterCommit) then();
    if (fresh.length < messages.length) this.observer.again?.({ consumerGroup: this.group, count: messages.length - fresh.length });
    for (const { type, time } of fresh) this.observer.reacted?.({ consumerGroup: this.group, type, waitedMs: Date.now() - Date.parse(time) });
  }

  /** Kept with its reason, where `polyaxon admin dead-letters` shows it; the stream goes on. */
  async bury({ id, stream, type }: Stored, error: unknown, tries: number, alongside?: Alongside): Promise<void> {
    const reason = reasonOf(error);
    await this.store.transaction(async (on) => {
      await alongside?.(on);
      await on.query(
        `INSERT INTO event_store.dead_letters (consumer_group, message_id, stream_name, type, reason, tries) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (consumer_group, message_id) DO UPDATE SET reason = $5, tries = event_store.dead_letters.tries + $6, replay = false, died_at = clock_timestamp()`,
        [this.group, id, stream, type, reason, tries],
      );
    });
    this.observer.deadLetter?.({ consumerGroup: this.group, messageId: id, stream, type, reason, tries });
  }

  /** Those that somebody wants to be tried again. One that fails again stays, with its new reason. */
  async replayDeadLetters(): Promise<void> {
    const { rows } = await this.store.pool.query<{ message_id: string }>(
      `SELECT message_id FROM event_store.dead_letters WHERE consumer_group = $1 AND replay ORDER BY died_at LIMIT ${replayedAtOnce}`,
      [this.group],
    );
    for (const { message_id: id } of rows) await this.#replay(id);
  }

  async #replay(id: string): Promise<void> {
    const message = await this.store.find(id);
    if (!message) return;
    try {
      await this.react([message], async (on) => void (await on.query(`DELETE FROM event_store.dead_letters WHERE consumer_group = $1 AND message_id = $2`, [this.group, id])));
    } catch (error) {
      if (kindOf(error) === 'transient') throw error;
      await this.store.pool.query(`UPDATE event_store.dead_letters SET replay = false, reason = $3, tries = tries + 1 WHERE consumer_group = $1 AND message_id = $2`, [this.group, id, reasonOf(error)]);
    }
  }

  /** Those whose inbox rows are new, once each. Of two instances at the same events the second one waits here, and then finds them done. */
  async #enter(messages: readonly Heard[], on: Queryable): Promise<Heard[]> {
    const { rows } = await on.query<{ message_id: string }>(`INSERT INTO event_store.inbox SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING message_id`, [
      this.group, messages.map(({ id }) => id),
    ]);
    const fresh = new Set(rows.map((row) => row.message_id));
    return messages.filter(({ id }) => fresh.delete(id));
  }

  async #reaction(message: Heard, unit: Unit): Promise<void> {
    const { type, stream, hop } = message;
    const errand = errandOf(message);
    const attributes = { 'messaging.consumer.group.name': this.group, 'messaging.message.id': message.id, 'polyaxon.stream': stream };
    const react = async () => reactionTo(this.topology, categoryOf(stream), type)?.(parse(message), unit);
    const beganAtMs = performance.now();
    let outcome: 'handled' | 'failed' = 'failed';
    try {
      await onErrand(hop ? { ...errand, traceparent: hop } : errand, () => inSpan(`handle ${type}`, { kind: 'consumer', attributes }, react));
      outcome = 'handled';
    } finally {
      this.observer.handled?.({ consumerGroup: this.group, type, outcome, tookMs: performance.now() - beganAtMs });
    }
  }
}

export function reasonOf(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 2000);
}
