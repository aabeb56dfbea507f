// How does the page have the lines it shows, and no more?
import { signal } from '@preact/signals';
import type { LineIndexBody } from '#contracts';
import { ask, send, troubleOf, type Trouble } from '../../api/request.ts';
import { blocksFor, bytesOf, grown, linesIn, nothingKnown } from './log-index.ts';

/** Of a thousand lines each: what was looked at last. */
const blocksKept = 8;
/** Lines of megabytes are not read to their end. */
const blockBytesMax = 4 * 1024 * 1024;

export class LogLines {
  readonly index = signal(nothingKnown);
  /** When it was last told how far it goes. */
  readonly readAt = signal(Date.now());
  /** Rises when lines have come. */
  readonly version = signal(0);
  readonly trouble = signal<Trouble | null>(null);
  readonly isKnown = signal(false);
  readonly #blocks = new Map<number, readonly string[]>();
  readonly #coming = new Set<number>();
  readonly #left = new AbortController();
  #looking: Promise<void> | undefined;

  constructor(
    private readonly path: string,
    /** Of the run alone, or also of those it resumes. */
    private readonly attempt: 'all' | null,
  ) {}

  /** Looks how far it goes now. */
  look(): Promise<void> {
    return (this.#looking ??= this.#look().finally(() => (this.#looking = undefined)));
  }

  line(number: number): string | undefined {
    const { apart } = this.index.value;
    return this.#blocks.get(Math.floor(number / apart))?.[number % apart];
  }

  /** Makes sure that these lines come. */
  want(first: number, count: number): void {
    for (const block of blocksFor(this.index.value, first, count)) {
      if (this.#blocks.has(block)) this.#use(block);
      else if (!this.#coming.has(block)) void this.#read(block);
    }
  }

  /** Read for this alone: they need not be those that are shown. */
  async text(first: number, last: number): Promise<readonly string[]> {
    const index = this.index.value;
    const lines: string[] = [];
    for (const block of blocksFor(index, first, last - first)) {
      const { offset, limit } = bytesOf(index, block);
      const text = await (await send(`${this.path}/logs?${this.#questions({ offset, limit })}`, { signal: this.#left.signal })).text();
      const start = block * index.apart;
      lines.push(...linesIn(text).slice(Math.max(0, first - start), last - start + 1));
    }
    return lines;
  }

  leave(): void {
    this.#left.abort();
  }

  async #look(): Promise<void> {
    try {
      const before = this.index.value;
      const body = await ask<LineIndexBody>(`${this.path}/logs/lines?${this.#questions({ offset: before.starts.at(-1) ?? 0 })}`, { signal: this.#left.signal });
      const after = grown(before, body);
      if (after.endOffset !== before.endOffset) await this.#read(before.starts.length - 1, after); // shown until it has been read again
      this.index.value = after;
      this.isKnown.value = true;
      this.readAt.value = Date.now();
      this.trouble.value = null;
    } catch (error) {
      if (!this.#left.signal.aborted) this.trouble.value = troubleOf(error);
    }
  }

  async #read(block: number, index = this.index.value): Promise<void> {
    const { offset, limit } = bytesOf(index, block);
    if (limit === 0) return;
    this.#coming.add(block);
    try {
      const answer = await send(`${this.path}/logs?${this.#questions({ offset, limit: Math.min(limit, blockBytesMax) })}`, { signal: this.#left.signal });
      this.#blocks.set(block, linesIn(await answer.text()));
      this.#use(block);
      this.version.value += 1;
    } catch (error) {
      if (!this.#left.signal.aborted) this.trouble.value = troubleOf(error);
    } finally {
      this.#coming.delete(block);
    }
  }

  #use(block: number): void {
    const lines = this.#blocks.get(block);
    if (!lines) return;
    this.#blocks.delete(block);
    this.#blocks.set(block, lines);
    for (const oldest of this.#blocks.keys()) if (this.#blocks.size > blocksKept) this.#blocks.delete(oldest);
  }

  #questions(more: Readonly<Record<string, number>>): string {
    const texts = Object.entries(more).map(([name, value]) => [name, String(value)]);
    return new URLSearchParams([...texts, ...(this.attempt ? [['attempt', this.attempt]] : [])]).toString();
  }
}
