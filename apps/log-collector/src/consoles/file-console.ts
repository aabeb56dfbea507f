// How is a console followed that is a file on this machine?
import { constants, watch, type FSWatcher } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ConsoleGone, type Console, type ConsoleSource } from './console-source.ts';

/** Where the kernel tells of changes, only in case it forgets one. */
const watchedPollMs = 500;
const unwatchedPollMs = 40;

/** Never through a link, and never waits for the other end of a pipe. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export const fileConsoles: ConsoleSource = {
  async open(console) {
    const path = fileURLToPath(console);
    const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new ConsoleGone(`there is no file ${path}`);
      throw error;
    });
    if ((await file.stat()).isFile()) return new FileConsole(path, file);
    await file.close();
    throw new Error(`the console ${path} is no file`);
  },
};

class FileConsole implements Console {
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(
    private readonly path: string,
    private readonly file: FileHandle,
  ) {}

  async read(into: Buffer, offset: number): Promise<number> {
    const { bytesRead } = await this.file.read(into, 0, into.length, offset);
    return bytesRead;
  }

  async sizeBytes(): Promise<number> {
    return (await this.file.stat()).size;
  }

  async changedAtMs(): Promise<number> {
    return (await this.file.stat()).mtimeMs;
  }

  watch(grown: () => void): void {
    try {
      this.#watcher = watch(this.path, { persistent: false }, () => grown());
      this.#watcher.on('error', () => this.#pollEvery(unwatchedPollMs, grown));
      this.#pollEvery(watchedPollMs, grown);
    } catch {
      this.#pollEvery(unwatchedPollMs, grown); // as many watches as the system allows are taken
    }
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    clearInterval(this.#poll);
    await this.file.close();
  }

  #pollEvery(milliseconds: number, grown: () => void): void {
    clearInterval(this.#poll);
    this.#poll = setInterval(grown, milliseconds).unref();
  }
}
