// What does a consumer group hear, and when, if only the order in each stream is kept?
import { categoryOf, type StreamName } from '#contracts';
import type { Recorded } from '#event-store';
import { kindOf, reactionTo, type Topology } from '#messaging';
import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import type { Faults, Life } from './life.ts';
import type { MemoryEventStore } from './memory-event-store.ts';
import type { Random } from '#testing';

const atOnce = 3;

/**
 * Kafka-like: streams overtake each other, and after a crash or a rebalance a stream is heard again from somewhat earlier. The inbox would hide most of that;
 * here there is none, so that every reaction has to stand it by itself.
 */
export class ConsumerGroup {
  /** By stream: the position that is heard next, and the furthest that was ever heard. */
  readonly #next = new Map<StreamName, number>();
  readonly #furthest = new Map<StreamName, number>();
  readonly #planned = new Set<StreamName>();
  readonly #inFlight = new Set<StreamName>();
  /** Their turn has come while too many were in flight. */
  readonly #waiting = new Set<StreamName>();
  #life: Life | undefined;
  #topology: Topology | undefined;
  #store: MemoryEventStore | undefined;

  constructor(
    readonly name: string,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly faults: Faults,
    /** A message that can't be reacted to. */
    private readonly buried: (why: string) => void,
  ) {}

  /** The group's one consumer is started, after all that was in flight in the former one was lost. */
  attach(life: Life, topology: Topology, store: MemoryEventStore): void {
    [this.#life, this.#topology, this.#store] = [life, topology, store];
    this.#planned.clear();
    this.#inFlight.clear();
    this.#waiting.clear();
    for (const stream of this.database.streams.keys()) this.plan(stream);
  }

  get isCaughtUp(): boolean {
    return this.#inFlight.size === 0 && [...this.database.streams.keys()].every((stream) => this.#nextOf(stream) === undefined);
  }

  hasHeard({ stream, position }: Recorded): boolean {
    return position < (this.#furthest.get(stream) ?? 0);
  }

  /** There may be something to hear in the stream. */
  plan(stream: StreamName): void {
    const life = this.#life;
    if (!life || life.isOver || this.#planned.has(stream) || this.#inFlight.has(stream)) return;
    const event = this.#nextOf(stream);
    if (!event) return;
    this.#planned.add(stream);
    this.clock.plan(this.#delayMs(), `${this.name} hears ${event.type} (${event.id})`, () => void this.#deliver(stream, event, life), () => life.isOver);
  }

  /** A rebalance: what was heard may be heard again. */
  rewind(): void {
    const heard = [...this.#next].filter(([stream, next]) => next > 0 && !this.#inFlight.has(stream) && !this.#planned.has(stream));
    if (heard.length === 0) return;
    const [stream, next] = this.random.pick(heard);
    this.#next.set(stream, Math.max(0, next - 1 - this.random.below(3)));
    this.plan(stream);
  }

  async #deliver(stream: StreamName, event: Recorded, life: Life): Promise<void> {
    this.#planned.delete(stream);
    if (this.#inFlight.size >= atOnce) return void this.#waiting.add(stream);
    this.#inFlight.add(stream);
    const then: (() => void)[] = [];
    try {
      await this.#store?.transaction(async (on) => this.#reaction(event)?.(event, { on, afterCommit: (wake) => then.push(wake) }));
      if (life.isOver) return;
      for (const wake of then) wake();
      this.#next.set(stream, event.position + 1);
      this.#furthest.set(stream, Math.max(event.position + 1, this.#furthest.get(stream) ?? 0));
    } catch (error) {
      if (kindOf(error) !== 'transient') this.buried(`${this.name} can't react to ${event.type} (${event.id}): ${String((error as Error).stack)}`);
    }
    this.#inFlight.delete(stream);
    for (const next of [stream, ...this.#waiting]) this.plan(next);
    this.#waiting.clear();
  }

  /** Passing over what is not reacted to; undefined: all was heard. */
  #nextOf(stream: StreamName): Recorded | undefined {
    const events = this.database.stream(stream);
    let next = this.#next.get(stream) ?? 0;
    while (next < events.length && !this.#reaction(events[next] as Recorded)) next += 1;
    this.#next.set(stream, next);
    return events[next];
  }

  #reaction({ stream, type }: Recorded) {
    return this.#topology && reactionTo(this.#topology, categoryOf(stream), type);
  }

  #delayMs(): number {
    if (this.faults.rate === 0) return this.random.below(3);
    const draw = this.random.below(100);
    if (draw < 70) return this.random.below(10);
    return draw < 95 ? this.random.below(300) : this.random.below(6000);
  }
}
