// How is what a program prints in this container's own log as well, where people look first?
import { constants, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { sizeOf, untilGrown } from './growing.ts';

const pieceBytes = 64 * 1024;

/** At its own pace: where nobody takes what is written there, nothing else waits for that. */
export class Echo {
  #offset = 0;
  #writtenBytes = 0;
  #endsInReturn = false;

  constructor(
    private readonly file: string,
    private readonly out: Writable = ownOutput(),
  ) {}

  /** Of the file: what was taken by whoever keeps this container's log. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Until all is written after its end, or `giveUp`. */
  async run(ended: AbortSignal, giveUp: AbortSignal): Promise<void> {
    this.out.on('error', () => undefined);
    while (!giveUp.aborted && !this.out.destroyed) {
      const isEnded = ended.aborted;
      if ((await sizeOf(this.file)) > this.#offset) await this.#write(giveUp);
      else if (isEnded) return;
      else await untilGrown(this.file, ended);
    }
  }

  async #write(giveUp: AbortSignal): Promise<void> {
    const file = await open(this.file);
    try {
      while (!giveUp.aborted) {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, this.#offset);
        if (bytesRead === 0) return;
        this.#offset += bytesRead;
        if (await written(this.out, this.#keepingReturns(buffer.subarray(0, bytesRead)), giveUp)) this.#writtenBytes += bytesRead;
      }
    } finally {
      await file.close();
    }
  }

  /** containerd takes one carriage return from before each newline, so there are two where there was one: what is read from the log is what was printed. */
  #keepingReturns(bytes: Buffer): Buffer {
    const parts: Buffer[] = [];
    let from = 0;
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) {
      if (at > 0 ? bytes[at - 1] !== carriageReturn : !this.#endsInReturn) continue;
      parts.push(bytes.subarray(from, at), oneMore);
      from = at;
    }
    this.#endsInReturn = bytes.at(-1) === carriageReturn;
    return parts.length === 0 ? bytes : Buffer.concat([...parts, bytes.subarray(from)]);
  }
}

const newline = 0x0a;
const carriageReturn = 0x0d;
const oneMore = Buffer.of(carriageReturn);

/** Whether it is known to be. */
function written(out: Writable, bytes: Buffer, giveUp: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    giveUp.addEventListener('abort', () => resolve(false), { once: true });
    out.write(bytes, (error) => resolve(!error));
  });
}

/** A pipe of its own kind: writing to that of this process waits in the kernel, and everything with it. */
function ownOutput(): Writable {
  try {
    return new Socket({ fd: openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK), readable: false });
  } catch {
    return process.stdout; // no pipe
  }
}
