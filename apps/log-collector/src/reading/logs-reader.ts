// How is `run.log` read: a part of it, its last lines, or along with the run?
import type { Pool } from 'pg';
import type { ExperimentId } from '#contracts';
import { unfinished } from '../archive/console-text.ts';
import type { Growth } from '../archive/growth.ts';
import type { KeptLogs } from '../archive/kept-logs.ts';
import { openToRead, pieces, type LogFile } from '../archive/run-log.ts';
import { extentOf, type AttemptStart, type Extent } from './extent.ts';
import { tailStart } from './tail.ts';

export interface Wanted {
  readonly attempt: number | 'all';
  /** Of `run.log`, whichever attempt; absent: from the beginning. */
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
  /** So many lines before the end, instead of an offset. */
  readonly tail?: number | undefined;
}

export interface Part {
  readonly content: AsyncIterable<Buffer>;
  readonly sizeBytes: number;
  /** From which to read on. */
  readonly nextOffset: number;
  /** Nothing will ever come after it. */
  readonly isComplete: boolean;
  /** Where each attempt begins. */
  readonly attempts: readonly AttemptStart[];
  /** When something came last: nothing was printed since. Null: not known. */
  readonly grownAt: Date | null;
}

const bufferBytes = 256 * 1024;
/** Of a line that has no end yet, what is longer than this is sent as it is. */
const lineBytesMax = 64 * 1024;
const tickMs = 10;
/** When nothing was told, such as of what another process does. */
const lookEveryMs = 500;

export class LogsReader {
  constructor(
    private readonly pool: Pool,
    /** A real path. */
    private readonly root: string,
    private readonly growth: Growth,
    /** Archives what the experiment has printed by now. */
    private readonly catchUp: (experimentId: ExperimentId) => Promise<void>,
    /** Where logs are once their runs are over, if not under the root. */
    private readonly kept?: KeptLogs,
  ) {}

  /** What there is now. */
  async read(experimentId: ExperimentId, wanted: Wanted): Promise<Part> {
    await this.catchUp(experimentId);
    const extent = await extentOf(this.pool, experimentId, wanted.attempt);
    const { attempts } = extent;
    const file = await this.#open(extent);
    if (!file) return { content: nothing(), sizeBytes: 0, nextOffset: wanted.offset ?? extent.start, isComplete: extent.isComplete, attempts, grownAt: null };
    try {
      const { size, mtime: grownAt = null } = await file.stat();
      const end = extent.end ?? size;
      const start = wanted.tail === undefined ? Math.max(extent.start, wanted.offset ?? 0) : await tailStart(file, extent.start, end, wanted.tail);
      const stop = await wholeCharacters(file, start, Math.min(end, start + (wanted.limit ?? Infinity)), end);
      const isComplete = extent.isComplete && stop >= end;
      return { content: contentOf(file, start, stop), sizeBytes: Math.max(0, stop - start), nextOffset: Math.max(start, stop), isComplete, attempts, grownAt };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** And what comes, until there will be no more. Reads only as fast as it is read: what a slow reader has not taken yet stays in the file. */
  async follow(experimentId: ExperimentId, wanted: Wanted): Promise<AsyncGenerator<Buffer>> {
    const extent = await extentOf(this.pool, experimentId, wanted.attempt); // a refusal is said before anything else
    return this.#follow(experimentId, wanted, extent);
  }

  async *#follow(experimentId: ExperimentId, wanted: Wanted, first: Extent): AsyncGenerator<Buffer> {
    const ear = this.growth.listen(experimentId);
    let extent = first;
    let isOutdated = true; // something may have been told before the ear opened
    let file: LogFile | null = null;
    let offset: number | undefined;
    try {
      for (;;) {
        if (isOutdated || !file) extent = await extentOf(this.pool, experimentId, wanted.attempt);
        file ??= await this.#open(extent);
        if (file) {
          offset ??= await this.#startOf(file, extent, wanted);
          for await (const lines of this.#linesFrom(file, offset, extent)) {
            offset += lines.length;
            yield lines;
          }
        }
        if (extent.isComplete) return;
        isOutdated = (await ear.next(lookEveryMs)) !== 'bytes';
        await new Promise((resolve) => setTimeout(resolve, tickMs)); // one write a tick, however often it grows
      }
    } finally {
      ear.close();
      await file?.close();
    }
  }

  async #open({ logsPath }: Extent): Promise<LogFile | null> {
    if (logsPath === null) return null;
    return (await openToRead(this.root, logsPath)) ?? (await this.kept?.open(logsPath)) ?? null;
  }

  async #startOf(file: LogFile, { start, end }: Extent, { offset, tail }: Wanted): Promise<number> {
    if (tail === undefined) return Math.max(start, offset ?? 0);
    return tailStart(file, start, end ?? (await file.stat()).size, tail);
  }

  /** Whole lines as far as there are any. */
  async *#linesFrom(file: LogFile, start: number, { end, isComplete }: Extent): AsyncGenerator<Buffer> {
    for (let at = start; ; ) {
      const length = Math.min(bufferBytes, (end ?? Infinity) - at);
      if (length <= 0) return;
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
      const bytes = wholeLines(buffer.subarray(0, bytesRead), isComplete && bytesRead < bufferBytes);
      if (bytes.length === 0) return;
      yield bytes;
      at += bytes.length;
    }
  }
}

function wholeLines(bytes: Buffer, isLast: boolean): Buffer {
  if (isLast) return bytes;
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end > 0 || bytes.length <= lineBytesMax) return bytes.subarray(0, end);
  return bytes.subarray(0, bytes.length - unfinished(bytes));
}

/** A part that ends inside a character would be unreadable; unless not even one fits. */
async function wholeCharacters(file: LogFile, start: number, stop: number, end: number): Promise<number> {
  if (stop >= end || stop - start < 4) return stop;
  const { buffer } = await file.read(Buffer.alloc(3), 0, 3, stop - 3);
  return stop - unfinished(buffer);
}

async function* contentOf(file: LogFile, start: number, end: number): AsyncGenerator<Buffer> {
  try {
    const buffer = Buffer.allocUnsafe(bufferBytes);
    for await (const piece of pieces(file, start, end, buffer)) yield Buffer.from(piece); // it is sent while the next one is read
  } finally {
    await file.close();
  }
}

async function* nothing(): AsyncGenerator<Buffer> {
  // so it is
}
