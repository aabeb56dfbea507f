// How do the consoles of several replicas become one, the same one after every crash?
import { constants } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pieces, writeAll } from '../archive/run-log.ts';
import type { Console } from './console-source.ts';
import type { PushedAddress } from './pushed-address.ts';
import type { ReceivedConsoles } from './received-consoles.ts';

/** Of one replica, before the others have their turn; a longer line is broken. */
const turnBytes = 256 * 1024;
const newline = 0x0a;
/** A plus: it goes on with the line before of the same replica. */
const prefixPattern = /^\[([a-z0-9-]+)(\+?)\] /;

interface Replica {
  readonly name: string;
  file: FileHandle | undefined;
  /** So much of it is in the stitched file. */
  offset: number;
  /** What was taken last did not end its line. */
  isBroken: boolean;
}

/**
 * Whole lines in the order in which they came, each with the name of its replica before it, in a file that only grows. How much of each replica is in it follows from the file itself, so whoever
 * comes after a crash goes on. Nothing of it is shown before the lines are whole, so a torn end can go.
 */
export class StitchedConsole implements Console {
  #end = 0;
  #isSealed = false;
  #unwatch: (() => void) | undefined;

  private constructor(
    private readonly received: ReceivedConsoles,
    private readonly address: PushedAddress,
    private readonly confirm: () => void,
    private readonly file: FileHandle,
    private readonly replicas: readonly Replica[],
  ) {}

  static async open(received: ReceivedConsoles, address: PushedAddress, confirm: () => void): Promise<StitchedConsole> {
    const folder = received.folderOf(address);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(join(folder, '.stitched'), constants.O_RDWR | constants.O_CREAT, 0o600);
    const replicas = address.replicas.map((name) => ({ name, file: undefined, offset: 0, isBroken: false }));
    const stitched = new StitchedConsole(received, address, confirm, file, replicas);
    try {
      await stitched.#recover();
      return stitched;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Short only when there is no more. */
  async read(into: Buffer, offset: number): Promise<number> {
    while (offset + into.length > this.#end && (await this.#advance()));
    const length = Math.max(0, Math.min(into.length, this.#end - offset));
    return length === 0 ? 0 : (await this.file.read(into, 0, length, offset)).bytesRead;
  }

  async sizeBytes(): Promise<number> {
    return this.#end;
  }

  async changedAtMs(): Promise<number | null> {
    const changes = await Promise.all(this.replicas.map(async ({ file }) => (await file?.stat())?.mtimeMs ?? 0));
    return Math.max(0, ...changes) || null;
  }

  watch(grown: () => void): void {
    this.#unwatch = this.received.watch(this.address, grown);
  }

  async seal(): Promise<number> {
    const missing = await this.received.seal(this.address, this.address.replicas);
    this.#isSealed = true;
    return missing;
  }

  async close(): Promise<void> {
    this.#unwatch?.();
    for (const { file } of this.replicas) await file?.close();
    await this.file.close();
  }

  /** False: there was nothing. */
  async #advance(): Promise<boolean> {
    let isMore = false;
    for (const replica of this.replicas) {
      const lines = await this.#linesOf(replica);
      if (lines.length === 0) continue;
      this.confirm();
      const text = stitchedText(replica, lines);
      await writeAll(this.file, text, this.#end);
      this.#end += text.length;
      replica.offset += lines.length;
      replica.isBroken = lines.at(-1) !== newline;
      isMore = true;
    }
    return isMore;
  }

  async #linesOf(replica: Replica): Promise<Buffer> {
    const file = await this.#openReplica(replica);
    if (!file) return Buffer.alloc(0);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(turnBytes), 0, turnBytes, replica.offset);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(newline) + 1;
    const isAllThereIs = this.#isSealed || bytesRead === turnBytes;
    return buffer.subarray(0, end === 0 && isAllThereIs ? bytesRead : end);
  }

  async #openReplica(replica: Replica): Promise<FileHandle | undefined> {
    replica.file ??= await this.received.openIfThere({ ...this.address, replica: replica.name });
    return replica.file;
  }

  async #recover(): Promise<void> {
    const { size } = await this.file.stat();
    let rest = Buffer.alloc(0);
    for await (const piece of pieces(this.file, 0, size, Buffer.alloc(turnBytes))) {
      const text = Buffer.concat([rest, piece]);
      const end = text.lastIndexOf(newline) + 1;
      for (let at = 0; at < end; ) {
        const next = text.indexOf(newline, at) + 1;
        this.#count(text.subarray(at, next));
        at = next;
      }
      this.#end += end;
      rest = text.subarray(end);
    }
    if (rest.length > 0) {
      this.confirm();
      await this.file.truncate(this.#end);
    }
    for (const replica of this.replicas) await this.#seeBreak(replica);
  }

  #count(line: Buffer): void {
    const [prefix = '', name, plus] = prefixPattern.exec(line.subarray(0, 80).toString('latin1')) ?? [];
    const replica = this.replicas.find((one) => one.name === name);
    if (!replica) throw new Error(`a line of ${this.received.folderOf(this.address)} is of no replica`);
    replica.offset += line.length - prefix.length - (plus === '+' ? 1 : 0);
  }

  /** Whether the newline at the end of its last line was printed, or only put there. */
  async #seeBreak(replica: Replica): Promise<void> {
    if (replica.offset === 0) return;
    const file = await this.#openReplica(replica);
    const { buffer, bytesRead } = (await file?.read(Buffer.alloc(1), 0, 1, replica.offset - 1)) ?? { buffer: Buffer.alloc(1), bytesRead: 0 };
    if (bytesRead === 1 && buffer[0] === newline) return;
    replica.isBroken = true;
    replica.offset -= 1;
  }
}

function stitchedText({ name, isBroken }: Replica, lines: Buffer): Buffer {
  const parts: Buffer[] = [];
  const prefix = Buffer.from(`[${name}] `);
  for (let at = 0; at < lines.length; ) {
    const next = lines.indexOf(newline, at) + 1 || lines.length;
    parts.push(at === 0 && isBroken ? Buffer.from(`[${name}+] `) : prefix, lines.subarray(at, next));
    at = next;
  }
  if (lines.at(-1) !== newline) parts.push(Buffer.from('\n'));
  return Buffer.concat(parts);
}
