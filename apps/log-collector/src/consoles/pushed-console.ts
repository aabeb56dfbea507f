// How is a console followed that is sent here?
import type { FileHandle } from 'node:fs/promises';
import type { Console, ConsoleSource } from './console-source.ts';
import { pushedAddressOf, type PushedAddress } from './pushed-address.ts';
import type { ReceivedConsoles } from './received-consoles.ts';
import { StitchedConsole } from './stitched-console.ts';

/** `confirm` throws when another process writes by now. */
export function pushedConsoles(received: ReceivedConsoles, confirm: () => void): ConsoleSource {
  return {
    async open(console) {
      const address = pushedAddressOf(console);
      if (address.replicas.length > 1) return StitchedConsole.open(received, address, confirm);
      return new ReceivedConsole(received, address, address.replicas[0] ?? null);
    },
    async remove(console) {
      await received.remove(pushedAddressOf(console));
    },
  };
}

/** Until something comes there is no file; that is one in which nothing was printed. */
class ReceivedConsole implements Console {
  #file: FileHandle | undefined;
  #unwatch: (() => void) | undefined;

  constructor(
    private readonly received: ReceivedConsoles,
    private readonly address: PushedAddress,
    private readonly replica: string | null,
  ) {}

  async read(into: Buffer, offset: number): Promise<number> {
    const file = await this.#open();
    return file ? (await file.read(into, 0, into.length, offset)).bytesRead : 0;
  }

  async sizeBytes(): Promise<number> {
    return (await (await this.#open())?.stat())?.size ?? 0;
  }

  async changedAtMs(): Promise<number | null> {
    return (await (await this.#open())?.stat())?.mtimeMs ?? null;
  }

  watch(grown: () => void): void {
    this.#unwatch = this.received.watch(this.address, grown);
  }

  seal(): Promise<number> {
    return this.received.seal(this.address, [this.replica]);
  }

  async close(): Promise<void> {
    this.#unwatch?.();
    await this.#file?.close();
  }

  async #open(): Promise<FileHandle | undefined> {
    this.#file ??= await this.received.openIfThere({ ...this.address, replica: this.replica });
    return this.#file;
  }
}
