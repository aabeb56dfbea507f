// How is somebody told of events as they happen, and again from where the connection broke?
import { setTimeout as breath } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HistoryEntry } from '#contracts';
import { Refusal } from '#decider';
import type { Appends } from '#event-store';
import { Pause } from '#messaging';
import { gauge } from '#service-host';

export interface Followed {
  readonly caller: string;
  /** Null: from the beginning. */
  readonly lastEventId: string | null;
  readonly next: (after: string | null) => Promise<readonly { entry: HistoryEntry; cursor: string }[]>;
}

const perCaller = 20;
/** Whoever is told of appends only looks by itself in case that was lost. */
const pollMs = 1000;
/** However much is appended, each stream looks no more often. */
const apartMs = 30;
const aliveMs = 15_000;

/** Server-sent events. The id is a place in the order of commits, so a client that comes back misses nothing and hears nothing twice. */
export class EventStreams {
  readonly #open = new Map<string, number>();
  readonly #clients = gauge('stream_clients');
  readonly #closing = new AbortController();

  constructor(private readonly appends: Appends) {}

  async serve({ caller, lastEventId, next }: Followed, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const open = this.#open.get(caller) ?? 0;
    if (open >= perCaller) throw new Refusal('too-many-requests', `at most ${perCaller} event streams at once`);
    const pause = new Pause();
    let page = await next(lastEventId); // what fails fails before the stream begins
    this.#open.set(caller, open + 1);
    this.#clients.inc();
    const { raw } = reply.hijack();
    const gone = new AbortController();
    raw.once('close', () => gone.abort());
    raw.on('error', () => gone.abort());
    const over = AbortSignal.any([gone.signal, this.#closing.signal]);
    over.addEventListener('abort', () => pause.end());
    const deaf = this.appends.listen(() => pause.wake());
    try {
      raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      raw.flushHeaders();
      // Whoever is cut off before the first event still knows where to go on.
      if (lastEventId !== null) await write(raw, `id: ${lastEventId}\n\n`, over);
      for (let after = lastEventId, spoken = Date.now(); !over.aborted; page = await next(after)) {
        for (const { entry, cursor } of page) {
          await write(raw, `id: ${cursor}\nevent: ${entry.type}\ndata: ${JSON.stringify(entry)}\n\n`, over);
          after = cursor;
          spoken = Date.now();
        }
        if (Date.now() - spoken > aliveMs) {
          await write(raw, ': still here\n\n', over);
          spoken = Date.now();
        }
        if (page.length === 0) {
          await pause.rest(pollMs);
          await breath(apartMs, undefined, { signal: over }).catch(() => undefined);
        }
        pause.begin();
      }
    } catch (error) {
      request.log.warn({ err: error }, 'an event stream broke off');
    } finally {
      deaf();
      this.#clients.dec();
      this.#open.set(caller, (this.#open.get(caller) ?? 1) - 1);
      raw.end();
    }
  }

  stop(): void {
    this.#closing.abort();
  }
}

/** Waits for a slow client instead of keeping events for it. */
function write(raw: NodeJS.WritableStream, text: string, over: AbortSignal): Promise<void> {
  if (over.aborted || raw.write(text)) return Promise.resolve();
  return new Promise((resolve) => {
    raw.once('drain', resolve);
    over.addEventListener('abort', () => resolve(), { once: true });
  });
}
