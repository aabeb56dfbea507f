// How does a consumer react to what one partition brings?
import { setTimeout as pass } from 'node:timers/promises';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { categoryOf, type Category } from '#contracts';
import { errandOf, onErrand, type Stored } from '#event-store';
import type { Observer } from '../bus.ts';
import { backOff, kindOf, maxTries } from '../failure.ts';
import type { Heard, Reactor } from '../reactor.ts';
import { header, hopHeader } from './cloud-event.ts';
import { SharedCalls } from './shared-calls.ts';

/** Reacted to in one transaction, when all goes well; partitions that bring less share one. */
const chunkSize = 200;
const transactionsAtOnce = 3;
/** So often the surroundings may fail before the partition is left alone for a while and the others go on. */
const triesBeforePause = 3;
const longestPauseMs = 5000;
/** A request for every few events would keep client and broker busier than the events do; whoever takes over repeats no more than came in this time, and the inbox knows it. */
const tellEveryMs = 100;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Told to the dead-letter topic before it is written down, so that no letter is missing there. */
export type Mourn = (message: Stored, error: unknown, tries: number) => Promise<void>;

/** What all partitions of a consumer do together. */
export class Reactions {
  readonly #find: SharedCalls<string, ReadonlyMap<string, Stored>>;
  readonly #react: SharedCalls<Heard, void>;

  constructor(readonly reactor: Reactor) {
    const most = { items: chunkSize, atOnce: transactionsAtOnce };
    this.#find = new SharedCalls<string, ReadonlyMap<string, Stored>>(async (ids) => new Map((await reactor.store.findAll(ids)).map((message) => [message.id, message])), most);
    this.#react = new SharedCalls((messages) => reactor.react(messages), most);
  }

  /** By their ids; others may be among them. */
  async find(ids: readonly string[]): Promise<ReadonlyMap<string, Stored>> {
    return ids.length > 0 ? this.#find.call(ids) : new Map();
  }

  /** All or, when it throws, none. */
  async react(messages: readonly Heard[]): Promise<void> {
    if (messages.length > 0) await this.#react.call(messages);
  }
}

interface Claim {
  readonly record: KafkaMessage;
  readonly message: Heard;
}

/**
 * A record is only the claim that an event was appended: what is reacted to is the event as the store holds it. Offsets are resolved after the transaction that
 * reacted. Throwing is for the client alone (a rebalance, a lost connection): whatever a reaction does ends in a commit, a dead letter, or a pause.
 */
export class PartitionReader {
  #pausedTries = 0;
  #resolved: { readonly payload: EachBatchPayload; readonly offset: string } | undefined;
  #telling: Promise<void> | undefined;
  #hurry = new AbortController();

  constructor(
    private readonly reactions: Reactions,
    private readonly observer: Partial<Observer>,
    private readonly category: Category,
    private readonly mourn: Mourn,
  ) {}

  async read(payload: EachBatchPayload): Promise<void> {
    const { messages } = payload.batch;
    for (let from = 0; from < messages.length; from += chunkSize) {
      await payload.heartbeat(); // throws when the partition is about to be another's
      if (!payload.isRunning() || payload.isStale()) return;
      if (!(await this.#readChunk(messages.slice(from, from + chunkSize), payload))) return;
    }
  }

  /** False when there is more to do in this chunk, later: the client comes again with what wasn't resolved. */
  async #readChunk(records: readonly KafkaMessage[], payload: EachBatchPayload): Promise<boolean> {
    let claims: readonly Claim[];
    try {
      claims = await this.#find(records, `${payload.batch.topic}/${payload.batch.partition}`);
    } catch (error) {
      this.observer.paused?.({ consumerGroup: this.reactions.reactor.group, error });
      return this.#pause(payload, 1);
    }
    const isDone = await this.reactions.react(claims.map(({ message }) => message)).then(() => true, () => false);
    for (const claim of isDone ? [] : claims) {
      if (!(await onErrand(errandOf(claim.message), () => this.#reactAlone(claim, payload)))) return false;
      await this.#resolve(payload, claim.record);
    }
    this.#pausedTries = 0;
    await this.#resolve(payload, records.at(-1));
    return true;
  }

  /** Up to and including this record everything is done, and committed: now the broker may forget that we haven't seen it. It is told in passing: nobody waits for it. */
  async #resolve(payload: EachBatchPayload, record: KafkaMessage | undefined): Promise<void> {
    if (!record) return;
    payload.resolveOffset(record.offset);
    this.#resolved = { payload, offset: String(BigInt(record.offset) + 1n) };
    this.#telling ??= this.#tell();
    await payload.heartbeat();
  }

  /** At once when it was quiet, and then ever and again the latest place of those that came up meanwhile. One that fails is repeated by the next. */
  async #tell(): Promise<void> {
    for (let resolved = this.#resolved; resolved; resolved = this.#resolved) {
      this.#resolved = undefined;
      const { payload, offset } = resolved;
      const { topic, partition } = payload.batch;
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] }).catch(() => undefined);
      await pass(tellEveryMs, undefined, { signal: this.#hurry.signal, ref: false }).catch(() => undefined);
    }
    this.#telling = undefined;
  }

  /** The broker knows of everything that is done, or could not be told. */
  async settled(): Promise<void> {
    this.#hurry.abort();
    await this.#telling;
    this.#hurry = new AbortController();
  }

  async #reactAlone({ message }: Claim, payload: EachBatchPayload): Promise<boolean> {
    const { id: messageId, type } = message;
    for (let tries = 1; payload.isRunning() && !payload.isStale(); tries += 1) {
      try {
        await this.reactions.reactor.react([message]);
        this.#pausedTries = 0;
        return true;
      } catch (error) {
        const kind = kindOf(error);
        this.observer.retry?.({ consumerGroup: this.reactions.reactor.group, messageId, type, kind, tries: this.#pausedTries + tries, error });
        const isHopeless = kind === 'bug' || (kind === 'permanent' && tries >= maxTries);
        if (isHopeless && (await this.#bury(message, error, tries))) return true;
        if (isHopeless || (kind === 'transient' && tries >= triesBeforePause)) return this.#pause(payload, tries);
        await payload.heartbeat();
        await new Promise((done) => setTimeout(done, backOff(tries, Math.random)));
      }
    }
    return false;
  }

  /** False when not even that can be written down now. */
  async #bury(message: Stored, error: unknown, tries: number): Promise<boolean> {
    try {
      await this.mourn(message, error, tries);
      await this.reactions.reactor.bury(message, error, tries);
      return true;
    } catch (failure) {
      this.observer.paused?.({ consumerGroup: this.reactions.reactor.group, error: failure });
      return false;
    }
  }

  /** The client fetches from the other partitions meanwhile, and stays in the group however long it takes. */
  #pause(payload: EachBatchPayload, tries: number): false {
    this.#pausedTries += tries;
    setTimeout(payload.pause(), backOff(this.#pausedTries, Math.random, longestPauseMs)).unref();
    return false;
  }

  /** The events that somebody here reacts to, in the order of their records. */
  async #find(records: readonly KafkaMessage[], where: string): Promise<Claim[]> {
    const claims = records.flatMap((record) => {
      const [id, type] = [header(record.headers, 'ce_id'), header(record.headers, 'ce_type')];
      if (id && uuid.test(id) && type) return this.reactions.reactor.hears(this.category, type) ? [{ id: id.toLowerCase(), record }] : [];
      return this.#foreign(record, where, 'it is no CloudEvent');
    });
    const known = await this.reactions.find(claims.map(({ id }) => id));
    return claims.flatMap(({ id, record }) => {
      const message = known.get(id);
      if (!message || categoryOf(message.stream) !== this.category) return this.#foreign(record, where, `no event ${id} was appended to a stream of this topic`);
      return this.reactions.reactor.hears(this.category, message.type) ? [{ record, message: { ...message, hop: hopOf(record) } }] : [];
    });
  }

  #foreign({ offset }: KafkaMessage, where: string, reason: string): [] {
    this.observer.foreign?.({ consumerGroup: this.reactions.reactor.group, where: `${where}@${offset}`, reason });
    return [];
  }
}

/** Anybody may write to a topic. */
function hopOf({ headers }: KafkaMessage): string | undefined {
  const hop = header(headers, hopHeader);
  return hop && /^[0-9a-f-]{55}$/.test(hop) ? hop : undefined;
}
