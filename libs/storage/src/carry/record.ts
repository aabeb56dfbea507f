// What does a carrier remember of what is in the store, also when it is killed?
import { appendFile, readFile, rm } from 'node:fs/promises';
import { isAbsent } from '../volume/walk.ts';
import { writeWhole } from '../volume/write-whole.ts';
import type { Epoch } from './claim.ts';

export interface Remembered {
  /** Of the local file that is there under this path. */
  readonly version: string;
  readonly inode: string;
  readonly sizeBytes: number;
  /** In milliseconds since 1970. */
  readonly carriedAt: number;
  readonly etag: string;
}

/** `incoming`: the folder is not yet what the store is. `whole`: it was, and from there on it is the folder that counts. */
type Line = readonly ['incoming'] | readonly ['whole', Epoch] | readonly ['is', path: string, Remembered | null];

/** A line for each change, written after it: what it doesn't say is carried again. A line that was cut off says nothing. */
export class CarryRecord {
  readonly #entries = new Map<string, Remembered>();
  #wholeIn: Epoch | undefined;
  #isThere = false;

  private constructor(private readonly file: string) {}

  static async open(file: string): Promise<CarryRecord> {
    const record = new CarryRecord(file);
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw error;
    });
    record.#isThere = text !== undefined;
    for (const line of (text ?? '').split('\n').slice(0, -1)) record.#take(JSON.parse(line) as Line);
    return record;
  }

  get entries(): ReadonlyMap<string, Remembered> {
    return this.#entries;
  }

  get isThere(): boolean {
    return this.#isThere;
  }

  /** The attempt that found the folder whole; undefined: none did. */
  get wholeIn(): Epoch | undefined {
    return this.#wholeIn;
  }

  async add(changes: readonly (readonly [path: string, remembered: Remembered | null])[]): Promise<void> {
    await this.#append(changes.map(([path, remembered]): Line => ['is', path, remembered]));
  }

  async beginIncoming(): Promise<void> {
    await this.#append([['incoming']]);
  }

  /** Short again. */
  async whole(epoch: Epoch): Promise<void> {
    this.#take(['whole', epoch]);
    const lines: Line[] = [['whole', epoch], ...[...this.#entries].map(([path, remembered]): Line => ['is', path, remembered])];
    await writeWhole(this.file, Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
    this.#isThere = true;
  }

  /** Until the next `whole` in memory only: it is looked at again then. */
  forget(path: string): void {
    this.#entries.delete(path);
  }

  async remove(): Promise<void> {
    await rm(this.file, { force: true });
  }

  async #append(lines: readonly Line[]): Promise<void> {
    if (lines.length === 0) return;
    for (const line of lines) this.#take(line);
    await appendFile(this.file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 });
    this.#isThere = true;
  }

  #take(line: Line): void {
    if (line[0] === 'incoming') this.#wholeIn = undefined;
    else if (line[0] === 'whole') this.#wholeIn = line[1];
    else if (line[2] === null) this.#entries.delete(line[1]);
    else this.#entries.set(line[1], line[2]);
  }
}
