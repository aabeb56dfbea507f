// How does somebody watch the console output of an experiment until it is done?
import { setTimeout as pause } from 'node:timers/promises';
import type { ExperimentsView, ExperimentView } from '../views/experiments.view.ts';
import type { ConsoleReader } from './console-reader.ts';
import { LineCutter, type Lines } from './lines.ts';
import type { ReportedLines } from './reported-lines.ts';

/** As the original client reads it; `offset` is ours: where to go on after these lines. */
export interface LogMessage {
  readonly log_lines: readonly string[] | null;
  readonly status?: string | null;
  readonly offset?: number;
}

export interface Watcher {
  /** Resolves when the next one can be taken. */
  send(message: LogMessage): Promise<void>;
  readonly gone: AbortSignal;
}

/** Of one attempt, or of the experiment as a whole. */
interface Told {
  readonly id: number;
  readonly attempt: number | undefined;
}

const statusEveryMs = 500;
const retryMs = 500;
const triesAfterEnd = 20;

export class LogStream {
  constructor(
    private readonly experiments: ExperimentsView,
    private readonly consoles: ConsoleReader,
    private readonly reported: ReportedLines,
  ) {}

  /**
   * Resolves when all was told: an experiment is shown as done only after its output is archived, so what can be read then is everything. Rejects when the output
   * can't be had.
   */
  async tell(watcher: Watcher, { id, isManaged, isDone, body }: ExperimentView, { offset, attempt }: { offset: number; attempt?: number | undefined }): Promise<void> {
    const cutter = new LineCutter(offset);
    const done = new AbortController();
    const over = AbortSignal.any([watcher.gone, done.signal]);
    // The first status is told before the first line: whoever watches knows what the lines belong to.
    const first = isDone ? null : body.last_status;
    if (first !== null) await watcher.send({ log_lines: null, status: first });
    const statuses = this.#tellStatuses(watcher, { id, attempt, told: first }, done);
    while (!over.aborted) {
      if (isManaged) await this.#follow(watcher, { id, attempt }, cutter, over);
      else await this.#tellReported(watcher, id, cutter);
      await sleep(retryMs, over);
    }
    const last = await statuses;
    if (watcher.gone.aborted) return;
    if (isManaged) await this.#tellRest(watcher, { id, attempt }, cutter);
    else await this.#tellReported(watcher, id, cutter);
    await told(watcher, cutter.end());
    if (last !== null) await watcher.send({ log_lines: null, status: last });
  }

  /** Each once, from the one after `told` until the last one, which is told after the last line. */
  async #tellStatuses(watcher: Watcher, { id, attempt, told: first }: Told & { told: string | null }, done: AbortController): Promise<string | null> {
    let told = first;
    for (; !watcher.gone.aborted; await sleep(statusEveryMs, watcher.gone)) {
      const view = await this.experiments.find(id).catch(() => undefined); // asked again
      if (view === undefined) continue;
      const status = view?.body.last_status ?? null;
      if (view === null || view.isDone || (attempt !== undefined && view.attempt > attempt)) {
        done.abort();
        return status;
      }
      if (status !== told) await watcher.send({ log_lines: null, status });
      told = status;
    }
    return null;
  }

  async #follow(watcher: Watcher, { id, attempt }: Told, cutter: LineCutter, over: AbortSignal): Promise<void> {
    try {
      const response = await this.consoles.follow(id, { offset: cutter.readOffset, attempt: attempt?.toString() }, over);
      for await (const chunk of response.body ?? []) await told(watcher, cutter.take(Buffer.from(chunk as Uint8Array)));
    } catch {
      // The log-collector is away, or the experiment is done: from where it broke off, again.
    }
  }

  async #tellRest(watcher: Watcher, { id, attempt }: Told, cutter: LineCutter): Promise<void> {
    for (let failures = 0; !watcher.gone.aborted; ) {
      const start = cutter.readOffset;
      try {
        const response = await this.consoles.read(id, { offset: start, attempt: attempt?.toString() });
        for await (const chunk of response.body ?? []) await told(watcher, cutter.take(Buffer.from(chunk as Uint8Array)));
        if (cutter.readOffset === start) return;
        failures = 0;
      } catch (error) {
        if ((error as { code?: string }).code === 'logs-not-found') return; // it never printed anything
        failures += 1;
        if (failures >= triesAfterEnd) throw error;
        await sleep(retryMs, watcher.gone);
      }
    }
  }

  async #tellReported(watcher: Watcher, id: number, cutter: LineCutter): Promise<void> {
    while (!watcher.gone.aborted) {
      const content = await this.reported.read(id, cutter.readOffset);
      if (content.length === 0) return;
      await told(watcher, cutter.take(content));
    }
  }
}

async function told(watcher: Watcher, part: Lines | null): Promise<void> {
  if (part && !watcher.gone.aborted) await watcher.send({ log_lines: part.lines, offset: part.offset });
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return pause(ms, undefined, { signal }).catch(() => undefined);
}
