// What is the sha256 of a file in an outputs path?
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { FileEntry } from '#storage';
import type { TreeOf } from '../outputs-stores.ts';

const rememberedMax = 10_000;
/** A program that writes all the time is not waited for. */
const looks = 3;

export interface Digest {
  readonly entry: FileEntry;
  /** Hexadecimal; null: it changed each time it was read. */
  readonly sha256: string | null;
}

/** Stores don't tell, so files are read. What was read once is remembered for as long as it is the same content. */
export class Digests {
  /** By store, path and version, the one that was asked for last at the end. */
  readonly #known = new Map<string, string>();
  readonly #reading = new Map<string, Promise<string | null>>();

  constructor(private readonly treeOf: TreeOf) {}

  known(entry: FileEntry, store: string | undefined): string | undefined {
    const key = keyOf(entry, store);
    const sha256 = this.#known.get(key);
    if (sha256 !== undefined) this.#remember(key, sha256);
    return sha256;
  }

  /** Many who ask for the same are answered by one reading. */
  async of(found: FileEntry, store: string | undefined): Promise<Digest> {
    for (let [entry, left]: [FileEntry, number] = [found, looks]; ; left -= 1) {
      const sha256 = this.known(entry, store) ?? (await this.#read(entry, store));
      if (sha256 !== null || left === 1) return { entry, sha256 };
      const now = await (await this.treeOf(store)).stat(entry.path);
      if (now === null) return { entry, sha256: null };
      entry = now;
    }
  }

  /** For bytes that somebody reads anyway: told all of them in their order, and then that there are no more, it knows the digest. */
  passing(entry: FileEntry, store: string | undefined): { readonly seen: (chunk: Buffer) => void; readonly ended: () => Promise<void> } {
    const hash = createHash('sha256');
    const ended = async (): Promise<void> => {
      const sha256 = hash.digest('hex');
      if (await this.#isStill(entry, store)) this.#remember(keyOf(entry, store), sha256);
    };
    return { seen: (chunk) => void hash.update(chunk), ended };
  }

  async #read(entry: FileEntry, store: string | undefined): Promise<string | null> {
    const key = keyOf(entry, store);
    const reading = this.#reading.get(key) ?? this.#hash(entry, store).finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  async #hash(entry: FileEntry, store: string | undefined): Promise<string | null> {
    const hash = createHash('sha256');
    await pipeline(await (await this.treeOf(store)).read(entry.path), hash);
    if (!(await this.#isStill(entry, store))) return null;
    const sha256 = hash.digest('hex');
    this.#remember(keyOf(entry, store), sha256);
    return sha256;
  }

  async #isStill({ path, version }: FileEntry, store: string | undefined): Promise<boolean> {
    return (await (await this.treeOf(store)).stat(path))?.version === version;
  }

  #remember(key: string, sha256: string): void {
    this.#known.delete(key);
    this.#known.set(key, sha256);
    const [oldest] = this.#known.keys();
    if (this.#known.size > rememberedMax && oldest !== undefined) this.#known.delete(oldest);
  }
}

function keyOf({ path, version }: FileEntry, store = ''): string {
  return `${store} ${version} ${path}`;
}
