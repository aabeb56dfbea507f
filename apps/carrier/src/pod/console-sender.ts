// How does all that a program prints get to the gateway, while it grows and after it has ended?
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { GatewayRefused, reasonOf, type Receipt } from './gateway.ts';
import { sizeOf, untilGrown } from './growing.ts';

export const pieceBytes = 1024 * 1024;
/** Of a program that prints little and often, what came meanwhile is sent together. */
const gatherMs = 25;
const gatherBelowBytes = 64 * 1024;
const retryMsMin = 100;
const retryMsMax = 2000;

export interface SenderParts {
  readonly file: string;
  readonly send: (query: { readonly offset: number; readonly size: number; readonly last?: 1 }, bytes: Buffer) => Promise<Receipt>;
  /** Aborted: the program is gone, and prints nothing more. */
  readonly ended: AbortSignal;
  readonly random: () => number;
  readonly tell: (line: string) => void;
}

/** Where to go on is what the other side says, so nothing is kept here: the next process asks. */
export class ConsoleSender {
  #receivedBytes = 0;
  #failures = 0;

  constructor(private readonly parts: SenderParts) {}

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Until all is sent after its end, nobody takes it any more, or `giveUp`. Whether all is. */
  async run(giveUp: AbortSignal): Promise<boolean> {
    const { file: path, ended } = this.parts;
    let file: FileHandle | undefined;
    let isAsked = false; // how far a former process has come
    try {
      while (!giveUp.aborted) {
        const isEnded = ended.aborted; // before the size: then it is the last
        const size = await sizeOf(path);
        if (isAsked && size <= this.#receivedBytes && !isEnded) {
          await untilGrown(path, ended);
          continue;
        }
        file ??= size === 0 ? undefined : await open(path);
        const sent = await this.#sendNext(file, size, isAsked, isEnded, giveUp);
        if (sent === 'refused') return false;
        isAsked ||= sent !== 'failed';
        if (sent === 'all') return true;
      }
      return false;
    } finally {
      await file?.close();
    }
  }

  async #sendNext(file: FileHandle | undefined, size: number, isAsked: boolean, isEnded: boolean, giveUp: AbortSignal): Promise<'more' | 'all' | 'failed' | 'refused'> {
    const offset = this.#receivedBytes;
    const bytes = isAsked && file ? await pieceAt(file, offset) : Buffer.alloc(0);
    const isLast = isAsked && isEnded && offset + bytes.length >= size;
    try {
      const { receivedBytes } = await this.parts.send({ offset, size: Math.max(size, offset + bytes.length), ...(isLast && { last: 1 }) }, bytes);
      this.#failures = 0;
      this.#receivedBytes = receivedBytes;
      if (isLast && receivedBytes >= size) return 'all';
      if (isAsked && !isEnded && bytes.length < gatherBelowBytes) await quietly(pause(gatherMs, undefined, { signal: this.parts.ended }));
      return 'more';
    } catch (error) {
      this.parts.tell(`the console could not be sent: ${reasonOf(error)}`);
      if (error instanceof GatewayRefused) return 'refused';
      this.#failures += 1;
      const delayMs = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(this.#failures, 10));
      await quietly(pause(delayMs * (0.5 + this.parts.random() / 2), undefined, { signal: giveUp }));
      return 'failed';
    }
  }
}

async function pieceAt(file: FileHandle, offset: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, offset);
  return buffer.subarray(0, bytesRead);
}

/** A pause that is ended early is over. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
}
