// What is kept of one attempt on this machine, and what does it say?
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AttemptId } from '../executor.ts';

/** Written in the claim instead of a process id: this attempt is never to be launched. */
const cancelled = 'cancelled';

/**
 * claim: whoever creates it decides whether, and as which process, the attempt runs. exit: the true exit code. stopping: it has been asked to end, and until when it has the grace to do so.
 * building: its build steps are not done; it names the latest that was begun. console: what it prints. code: its working directory. The environment is never here, since there is a token in it.
 */
export class AttemptFolder {
  readonly path: string;

  constructor(runsRoot: string, { experimentId, attempt }: AttemptId) {
    this.path = join(runsRoot, `${experimentId}-${attempt}`);
  }

  get console(): string {
    return join(this.path, 'console');
  }

  get consoleUrl(): string {
    return pathToFileURL(this.console).href;
  }

  get code(): string {
    return join(this.path, 'code');
  }

  /** Readable by its owner only; the console is there before anyone is told of it. */
  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    await (await open(this.console, 'a', 0o600)).close();
  }

  /** A number: the process that claimed it. `unreadable`: claimed by one that died, or the disk was full, before its id was written. */
  async claim(): Promise<'none' | 'cancelled' | 'unreadable' | number> {
    const text = await readIfThere(join(this.path, 'claim'));
    if (text === undefined) return 'none';
    if (text === cancelled) return cancelled;
    const pid = Number(text);
    return text.endsWith('\n') && Number.isSafeInteger(pid) && pid > 0 ? pid : 'unreadable';
  }

  /** Nobody will launch it from now on; false: somebody has. */
  async cancel(): Promise<boolean> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    try {
      await writeFile(join(this.path, 'claim'), cancelled, { flag: 'wx' });
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return (await this.claim()) === cancelled;
      throw error;
    }
  }

  async exitCode(): Promise<number | undefined> {
    const text = await readIfThere(join(this.path, 'exit'));
    return text === undefined ? undefined : Number(text);
  }

  /** The latest build step that was begun, as `2 of 3 (make)`; empty: none was yet. Undefined: it has none, or all have succeeded. */
  buildStep(): Promise<string | undefined> {
    return readIfThere(join(this.path, 'building'));
  }

  /** Before the attempt is launched, so that nobody ever takes it for built. */
  async beginBuild(): Promise<void> {
    await writeFile(join(this.path, 'building'), '');
  }

  /** In milliseconds since 1970; undefined: nobody has asked it to end. */
  async graceEnds(): Promise<number | undefined> {
    const text = await readIfThere(join(this.path, 'stopping'));
    return text === undefined ? undefined : Number(text);
  }

  async rememberGrace(ends: number): Promise<void> {
    await writeFile(join(this.path, 'stopping'), String(ends));
  }

  /** The last `bytes` of what it printed. */
  async consoleTail(bytes: number): Promise<string> {
    try {
      const { size } = await stat(this.console);
      const file = await open(this.console);
      try {
        const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(bytes), position: Math.max(0, size - bytes) });
        return buffer.toString('utf8', 0, bytesRead);
      } finally {
        await file.close();
      }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return '';
      throw error;
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
