// Does a store write what came in parts once more when it joins them?

/** Of the time that the parts took. */
const share = 0.25;
const worthMs = 200;

/** Stores that keep files do, and then one request for the whole is sooner done; others join for nothing, and then parts are, since several go at once. It is seen at each object. */
export class Joining {
  #isCostly = false;

  get isCostly(): boolean {
    return this.#isCostly;
  }

  saw(partsMs: number, joinedMs: number): void {
    this.#isCostly = joinedMs > worthMs && joinedMs > share * partsMs;
  }
}
