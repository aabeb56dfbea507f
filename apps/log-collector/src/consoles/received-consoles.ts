// How is what attempts elsewhere print kept here as it arrives, with nothing missing and nothing twice?
import { constants } from 'node:fs';
import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '#decider';
import { writeAll } from '../archive/run-log.ts';
import type { PushedConsole } from './pushed-address.ts';

/** No user can be called so. */
export const receivedFolder = '.consoles';

export interface Piece {
  /** Of its first byte, in the console. */
  readonly offset: number;
  /** How much has been printed, whether it is sent yet or not. */
  readonly sizeBytes: number;
  /** Whoever sends it will be gone after it, and so will what it was read from. */
  readonly isLast: boolean;
}

export interface Receipt {
  /** All before it is here: where to go on. */
  readonly receivedBytes: number;
  /** There is something before the piece that has not come: nothing of the piece was kept. */
  readonly isGap: boolean;
}

type Attempted = Omit<PushedConsole, 'replica'>;

export interface ReceivingParts {
  /** Nobody else's. */
  readonly folder: string;
  /** False: it is archived, or will never be. */
  readonly mayCome: (of: Attempted) => Promise<boolean>;
}

const toldDigits = 16;
/** Only in case that nobody told of something. */
const lookEveryMs = 500;

/**
 * Each console is a file that grows at its end only, and how long it is says how far it is: nothing else is remembered, so there is nothing that a crash could bring out of step. What is sent again
 * is the same bytes. It is not flushed while whoever sends it still has it: after a crash of the machine it is asked for again. The last piece is, before it is acknowledged.
 */
export class ReceivedConsoles {
  readonly #grown = new Map<string, Set<() => void>>();
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(private readonly parts: ReceivingParts) {}

  receive(of: PushedConsole, piece: Piece, bytes: Buffer): Promise<Receipt> {
    return this.#inTurn(nameOf(of), async () => {
      const file = await this.#openToReceive(of);
      try {
        const receipt = await receiveInto(file, piece, bytes);
        if (piece.sizeBytes > receipt.receivedBytes) await tell(toldOf(this.pathOf(of)), piece.sizeBytes);
        if (piece.isLast) await file.datasync();
        return receipt;
      } finally {
        await file.close();
        for (const grown of this.#grown.get(nameOf(of)) ?? []) grown();
      }
    });
  }

  /** Nothing of this attempt is kept from now on, however often it is sent. How many bytes were told of and have not come. */
  seal(of: Attempted, replicas: readonly (string | null)[]): Promise<number> {
    return this.#inTurn(nameOf(of), async () => {
      const folder = this.folderOf(of);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await (await open(join(folder, sealed), 'a', 0o600)).close();
      let missing = 0;
      for (const replica of replicas) {
        const path = this.pathOf({ ...of, replica });
        missing += Math.max(0, (await toldIn(toldOf(path))) - (await sizeOf(path)));
      }
      return missing;
    });
  }

  /** Once it is archived. */
  remove(of: Attempted): Promise<void> {
    return this.#inTurn(nameOf(of), () => rm(this.folderOf(of), { recursive: true, force: true }));
  }

  async all(): Promise<Attempted[]> {
    const names = await readdir(this.parts.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names.flatMap((name) => {
      const [, experimentId, attempt] = /^(\d+)-(\d+)$/.exec(name) ?? [];
      return experimentId === undefined ? [] : [{ experimentId: Number(experimentId), attempt: Number(attempt) }];
    });
  }

  folderOf(of: Attempted): string {
    return join(this.parts.folder, nameOf(of));
  }

  pathOf({ replica, ...of }: PushedConsole): string {
    return join(this.folderOf(of), replica ?? 'console');
  }

  /** Undefined: nothing has come. */
  async openIfThere(of: PushedConsole): Promise<FileHandle | undefined> {
    return open(this.pathOf(of)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  }

  /** Calls `grown` when something of the attempt has come, and now and then without a reason; the answer ends that. */
  watch(of: Attempted, grown: () => void): () => void {
    const name = nameOf(of);
    const listeners = this.#grown.get(name) ?? new Set();
    this.#grown.set(name, listeners.add(grown));
    const timer = setInterval(grown, lookEveryMs).unref();
    return () => {
      clearInterval(timer);
      listeners.delete(grown);
      if (listeners.size === 0) this.#grown.delete(name);
    };
  }

  async #openToReceive(of: PushedConsole): Promise<FileHandle> {
    const folder = this.folderOf(of);
    if (!(await isThere(folder))) {
      if (!(await this.parts.mayCome(of))) throw closed(of);
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } else if (await isThere(join(folder, sealed))) throw closed(of);
    return open(this.pathOf(of), constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  /** One at a time of each attempt. */
  async #inTurn<Done>(name: string, work: () => Promise<Done>): Promise<Done> {
    const before = this.#busy.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => undefined);
    this.#busy.set(name, settled);
    try {
      return await mine;
    } finally {
      if (this.#busy.get(name) === settled) this.#busy.delete(name);
    }
  }
}

const sealed = '.sealed';

async function receiveInto(file: FileHandle, { offset }: Piece, bytes: Buffer): Promise<Receipt> {
  const { size } = await file.stat();
  if (offset > size) return { receivedBytes: size, isGap: true };
  const fresh = bytes.subarray(Math.min(bytes.length, size - offset));
  await writeAll(file, fresh, size);
  return { receivedBytes: size + fresh.length, isGap: false };
}

function closed({ experimentId, attempt }: Attempted): Refusal {
  return new Refusal('console-closed', `the console of experiment ${experimentId}, attempt ${attempt}, is archived: nothing is added to it any more`);
}

function nameOf({ experimentId, attempt }: Attempted): string {
  return `${experimentId}-${attempt}`;
}

function toldOf(path: string): string {
  return `${path}.told`;
}

/** Only ever more. */
async function tell(path: string, sizeBytes: number): Promise<void> {
  if ((await toldIn(path)) >= sizeBytes) return;
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  await file.write(String(sizeBytes).padStart(toldDigits, '0'), 0).finally(() => file.close());
}

async function toldIn(path: string): Promise<number> {
  try {
    const file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(toldDigits), 0, toldDigits, 0).finally(() => file.close());
    return bytesRead === toldDigits ? Number(buffer.toString('latin1')) : 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(({ size }) => size, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return 0;
    throw error;
  });
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(() => true, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return false;
    throw error;
  });
}
