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

  constructor(
    private readonly file: string,
    private readonly out: Writable = ownOutput(),
  ) {}

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
        await written(this.out, buffer.subarray(0, bytesRead), giveUp);
      }
    } finally {
      await file.close();
    }
  }
}

function written(out: Writable, bytes: Buffer, giveUp: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    giveUp.addEventListener('abort', () => resolve(), { once: true });
    out.write(bytes, () => resolve());
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
