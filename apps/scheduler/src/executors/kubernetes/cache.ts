// What is known of the objects of one kind, whichever of its sources was the last to speak?

export interface Versioned {
  readonly metadata?: { readonly name?: string | undefined; readonly uid?: string | undefined; readonly resourceVersion?: string | undefined } | undefined;
}

/**
 * A list, a watch and the answers to our own requests tell of the same objects, in any order. Of two versions the newer one counts, so none of them can take the cache back; versions of one cluster
 * grow, and when they don't, it was restored from a backup, and a list counts as a whole.
 */
export class Cache<Object extends Versioned> {
  readonly #objects = new Map<string, Object>();
  /** Of what was deleted, so that late news of it doesn't bring it back; until the next list. */
  readonly #deleted = new Map<string, bigint>();
  readonly #groups = new Map<string, Map<string, Object>>();
  #listed = 0n;

  /** `groupOf`: what an object is of, for whoever asks for all of that; undefined: of nothing. */
  constructor(private readonly groupOf: (object: Object) => string | undefined = () => undefined) {}

  get(name: string): Object | undefined {
    return this.#objects.get(name);
  }

  all(): Iterable<Object> {
    return this.#objects.values();
  }

  /** All of one group: among thousands, without looking at the others. */
  of(group: string): Iterable<Object> {
    return this.#groups.get(group)?.values() ?? [];
  }

  /** False: it was known already, or older. */
  put(object: Object): boolean {
    const name = nameIn(object);
    const version = versionOf(object);
    const known = this.#objects.get(name);
    if (known && versionOf(known) >= version) return false;
    if ((this.#deleted.get(name) ?? -1n) >= version) return false;
    this.#remove(name);
    this.#objects.set(name, object);
    const group = this.groupOf(object);
    if (group !== undefined) this.#groups.set(group, (this.#groups.get(group) ?? new Map<string, Object>()).set(name, object));
    return true;
  }

  /** `object` as it was last. */
  drop(object: Object): boolean {
    const name = nameIn(object);
    const version = versionOf(object);
    const known = this.#objects.get(name);
    if (known && known.metadata?.uid !== object.metadata?.uid && versionOf(known) > version) return false;
    this.#deleted.set(name, version);
    return this.#remove(name);
  }

  /** Of what isn't in the list only that stays which is newer than it. */
  replace(objects: readonly Object[], resourceVersion: string): void {
    const version = BigInt(resourceVersion);
    const isRestored = version < this.#listed;
    this.#listed = version;
    const names = new Set(objects.map(nameIn));
    for (const [name, known] of this.#objects) if (isRestored || (!names.has(name) && versionOf(known) <= version)) this.#remove(name);
    for (const [name, at] of this.#deleted) if (isRestored || at <= version) this.#deleted.delete(name);
    for (const object of objects) this.put(object);
  }

  #remove(name: string): boolean {
    const known = this.#objects.get(name);
    const group = known && this.groupOf(known);
    if (group !== undefined) {
      this.#groups.get(group)?.delete(name);
      if (this.#groups.get(group)?.size === 0) this.#groups.delete(group);
    }
    return this.#objects.delete(name);
  }
}

function nameIn(object: Versioned): string {
  return object.metadata?.name ?? '';
}

function versionOf(object: Versioned): bigint {
  const text = object.metadata?.resourceVersion ?? '';
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}
