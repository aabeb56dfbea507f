// How does what one attempt prints get into `run.log`, with nothing missing and nothing twice?
import type { FileHandle } from 'node:fs/promises';
import { ConsoleGone, type Console, type ConsoleSource } from '../consoles/console-source.ts';
import { bytesArchived, bytesLost, delay, gaps, linesArchived } from '../metrics.ts';
import type { Archive, Position } from './archive-table.ts';
import { consoleText, countLines, unfinished } from './console-text.ts';
import type { KeptLogs } from './kept-logs.ts';
import { openToWrite, pieces, writeAll } from './run-log.ts';

export const chunkBytes = 256 * 1024;
const newline = Buffer.from('\n');
const markers = {
  gone: () => '[console output of this attempt is gone]\n',
  cut: () => '[the program cut off its own console output; what was not read yet is lost]\n',
  missing: (bytes: number) => `[${bytes} bytes of console output never arrived: they went with the pod or the machine of its program]\n`,
} as const;

/** `more`: there is, and others come first; `dry`: all that was printed is archived; `complete`: and the attempt has ended, so it is on disk for good. */
export type Progress = 'more' | 'dry' | 'complete';

export interface Surroundings {
  readonly source: ConsoleSource;
  /** Logs root, a real path. */
  readonly root: string;
  /** Not given: the folder is where logs are kept. */
  readonly kept?: KeptLogs | undefined;
  /** Another one each time the machine starts. */
  readonly bootId: string;
  /** Something may have been printed. */
  readonly grown: () => void;
  /** Throws when another process writes the archives by now. */
  readonly confirm: () => void;
  /** The same, by the word of the database: before something that writing it again would not bring about. */
  readonly confirmNow: () => Promise<void>;
}

/**
 * A byte's place in `run.log` follows from the bytes before it alone, and it is written by offset. So after a crash, going on from any earlier position writes
 * the same bytes in the same places, and who reads along doesn't notice: positions may be kept late and cheaply.
 */
export class Archiving {
  isEnded: boolean;
  #position: Position;
  #console: Console | undefined;
  #runLog: FileHandle | undefined;
  #endsInNewline = true;
  #consoleBytes = 0;
  /** Something was archived, and how late that was is not told yet. */
  #isNew = false;
  /** Known once its end is. */
  #missingBytes: number | undefined;

  constructor(
    readonly archive: Archive,
    private readonly surroundings: Surroundings,
  ) {
    this.isEnded = archive.isEnded;
    this.#position = archive.position;
  }

  get position(): Position {
    return this.#position;
  }

  /** Printed but not archived, as far as it is known. */
  get lagBytes(): number {
    return Math.max(0, this.#consoleBytes - this.#position.consoleOffset);
  }

  /** At most `bytes` of it, through `buffer`. After it threw, it can be tried again. */
  async round(buffer: Buffer, bytes: number): Promise<Progress> {
    const progress = await this.#advance(buffer, bytes);
    if (progress !== 'more' && this.#isNew) await this.#tellDelay();
    return progress;
  }

  async #advance(buffer: Buffer, bytes: number): Promise<Progress> {
    const isEnded = this.isEnded; // known before reading: then the end of the console is the end
    const runLog = (this.#runLog ??= await this.#openRunLog());
    const console = await this.#openConsole(runLog);
    if (!console) return isEnded ? this.#finishWithout(runLog) : 'dry';
    if (isEnded) this.#missingBytes ??= (await console.seal?.()) ?? 0; // before the rest is read
    for (let done = 0; done < bytes; ) {
      const chunk = buffer.subarray(0, await console.read(buffer, this.#position.consoleOffset));
      const finished = chunk.subarray(0, chunk.length - unfinished(chunk));
      if (finished.length === 0) return this.#atTheEnd(console, runLog, chunk, isEnded);
      await this.#archive(runLog, finished);
      if (chunk.length < buffer.length && !isEnded) return 'dry'; // what comes is told
      done += finished.length;
    }
    this.#consoleBytes = await console.sizeBytes();
    return 'more';
  }

  async close(): Promise<void> {
    const [console, runLog] = [this.#console, this.#runLog];
    this.#console = this.#runLog = undefined;
    await console?.close();
    await runLog?.close();
  }

  async #openRunLog(): Promise<FileHandle> {
    this.surroundings.confirm(); // it may have been deleted
    const { root, kept } = this.surroundings;
    const { logsPath, startOffset } = this.archive;
    const file = await openToWrite(root, logsPath);
    if (kept && (await file.stat()).size < startOffset) await kept.bringBack(file, logsPath, startOffset);
    await this.#seeLastByte(file);
    return file;
  }

  /** Undefined when it is gone. What a former boot of the machine wrote may never have reached the disk, but the console still has it. */
  async #openConsole(runLog: FileHandle): Promise<Console | undefined> {
    if (this.#console) return this.#console;
    const { source, bootId, grown } = this.surroundings;
    try {
      this.#console = await source.open(this.archive.console);
    } catch (error) {
      if (error instanceof ConsoleGone) return undefined;
      throw error;
    }
    const { archiveOffset, lostBytes } = this.#position;
    const isDoubtful = this.archive.bootId !== bootId || (await runLog.stat()).size < archiveOffset;
    if (isDoubtful && lostBytes === 0) await this.#startAgain(runLog);
    this.#console.watch(grown);
    return this.#console;
  }

  async #startAgain(runLog: FileHandle): Promise<void> {
    this.#position = { consoleOffset: 0, archiveOffset: this.archive.startOffset, lines: 0, lostBytes: 0 };
    await this.#seeLastByte(runLog);
  }

  async #archive(runLog: FileHandle, bytes: Buffer): Promise<void> {
    await this.#write(runLog, consoleText(bytes), bytes.length);
    this.#isNew ||= bytes.length > 0;
  }

  async #tellDelay(): Promise<void> {
    this.#isNew = false;
    const printedAtMs = (await this.#console?.changedAtMs()) ?? null;
    if (printedAtMs !== null) delay.observe(Math.max(0, Date.now() - printedAtMs) / 1000);
  }

  async #write(runLog: FileHandle, text: Buffer, consumed: number): Promise<void> {
    const { consoleOffset, archiveOffset, lines, lostBytes } = this.#position;
    this.surroundings.confirm();
    await writeAll(runLog, text, archiveOffset);
    const more = countLines(text);
    this.#position = { consoleOffset: consoleOffset + consumed, archiveOffset: archiveOffset + text.length, lines: lines + more, lostBytes };
    if (text.length > 0) this.#endsInNewline = text.at(-1) === newline[0];
    linesArchived.inc(more);
    bytesArchived.inc(text.length);
  }

  async #atTheEnd(console: Console, runLog: FileHandle, rest: Buffer, isEnded: boolean): Promise<Progress> {
    const { consoleOffset } = this.#position;
    const seen = this.#consoleBytes;
    this.#consoleBytes = await console.sizeBytes();
    if (this.#consoleBytes < consoleOffset) {
      await this.#lose(runLog, 'cut', seen - consoleOffset);
      this.#position = { ...this.#position, consoleOffset: 0 };
      return 'more';
    }
    if (this.#consoleBytes > consoleOffset + rest.length) return 'more';
    if (!isEnded) return 'dry';
    await this.#archive(runLog, rest); // the character never became whole
    if (this.#missingBytes && this.#position.lostBytes === 0) await this.#lose(runLog, 'missing', this.#missingBytes);
    await this.#finish(runLog);
    return 'complete';
  }

  async #finishWithout(runLog: FileHandle): Promise<Progress> {
    if (this.#position.lostBytes === 0) await this.#lose(runLog, 'gone', this.lagBytes);
    await this.#finish(runLog);
    return 'complete';
  }

  async #finish(runLog: FileHandle): Promise<void> {
    if (!this.#endsInNewline) await this.#write(runLog, newline, 0);
    await runLog.sync();
  }

  /** Never in silence. What can't be read again may still be in the file behind the position that was kept: it stays, as does a marker of an earlier try. */
  async #lose(runLog: FileHandle, reason: keyof typeof markers, atLeastBytes: number): Promise<void> {
    await this.surroundings.confirmNow(); // a console that another has archived is gone, too
    const { startOffset } = this.archive;
    const archiveOffset = Math.max(startOffset, (await runLog.stat()).size);
    let lines = 0;
    for await (const piece of pieces(runLog, startOffset, archiveOffset, Buffer.alloc(chunkBytes))) lines += countLines(piece);
    const lost = Math.max(1, atLeastBytes);
    this.#position = { ...this.#position, archiveOffset, lines, lostBytes: this.#position.lostBytes + lost };
    bytesLost.inc(lost);
    gaps.inc({ reason });
    await this.#seeLastByte(runLog);
    const marker = Buffer.from(markers[reason](lost));
    if (await this.#endsWith(runLog, marker)) return;
    if (!this.#endsInNewline) await this.#write(runLog, newline, 0);
    await this.#write(runLog, marker, 0);
  }

  async #endsWith(runLog: FileHandle, text: Buffer): Promise<boolean> {
    const { archiveOffset } = this.#position;
    const start = archiveOffset - text.length;
    if (start < this.archive.startOffset) return false;
    const { buffer, bytesRead } = await runLog.read(Buffer.alloc(text.length), 0, text.length, start);
    return bytesRead === text.length && buffer.equals(text);
  }

  async #seeLastByte(runLog: FileHandle): Promise<void> {
    const isEmpty = this.#position.archiveOffset === this.archive.startOffset;
    this.#endsInNewline = isEmpty || (await this.#endsWith(runLog, newline));
  }
}
