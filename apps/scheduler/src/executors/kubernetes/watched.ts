// How is everything of one kind in a cluster known here, soon after it changes, and truly?
import { backOff, Pause } from '#messaging';
import { Cache } from './cache.ts';
import { ClusterProblem } from './cluster-problem.ts';
import type { Cluster, Kind, Kinds, Listed } from './cluster.ts';

export interface WatchedOptions<Object> {
  /** By labels. */
  readonly selector: string;
  /** See `Cache`. */
  readonly groupOf?: (object: Object) => string | undefined;
  readonly random?: () => number;
  readonly now?: () => number;
  readonly relistMs?: number;
  readonly silentMs?: number;
  readonly retryMs?: number;
}

/** A watch that never skips anything is a promise of others: all is listed again after so long. */
const relistMs = 5 * 60_000;
/** The server sends a bookmark about once a minute; when nothing comes for so long, the way to it is dead. */
const silentMs = 100_000;
/** An API server that comes back is not met by all of us at once. */
const longestRetryMs = 5000;
/** A watch that is closed at once, again and again, is no better than one that fails. */
const steadyMs = 1000;
/** What we watch from may be what the server refuses: after a backup it has never heard of it. */
const failuresBeforeList = 3;

/**
 * Lists, then watches from there; begins anew when the server has forgotten where we were. What is in the cache is what the cluster was some moment ago, and `problem` says since when it can't be told
 * any more. Whoever is about to conclude something from an object that is missing asks the API first.
 */
export class WatchedObjects<K extends Kind> {
  readonly cache: Cache<Kinds[K]>;
  readonly #pause = new Pause();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #isSynced = false;
  #problem: ClusterProblem | undefined;
  #version = '';
  #listedAt = -Infinity;
  #openedAt = Infinity;
  #connection = new AbortController();

  constructor(
    private readonly cluster: Cluster,
    readonly kind: K,
    private readonly options: WatchedOptions<Kinds[K]>,
    private readonly changed: (object: Kinds[K] | undefined) => void,
  ) {
    this.cache = new Cache(options.groupOf);
  }

  /** All of it was seen once. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Why there is no news now; undefined: there is. */
  get problem(): ClusterProblem | undefined {
    return this.#problem;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#pause.end();
    this.#stopping.abort();
    this.#connection.abort();
    await this.#running;
  }

  /** All is listed now, rather than when its time has come. */
  relist(): void {
    this.#listedAt = -Infinity;
    this.#connection.abort();
    this.#pause.wake();
  }

  /** An answer of the API, which may be faster than the watch. */
  learn(object: Kinds[K]): void {
    if (this.cache.put(object)) this.changed(object);
  }

  /** It was deleted, as the API has answered. */
  forget(object: Kinds[K]): void {
    if (this.cache.drop(object)) this.changed(object);
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#pause.isOver; ) {
      this.#pause.begin();
      this.#openedAt = Infinity;
      try {
        if (failures >= failuresBeforeList || this.#now() - this.#listedAt >= this.#relistMs) await this.#list();
        await this.#watch();
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        const problem = error instanceof ClusterProblem ? error : new ClusterProblem('other', (error as Error).message, { cause: error });
        if (problem.kind === 'gone') this.#listedAt = -Infinity;
        else this.#problem = problem;
        failures += 1;
      }
      if (this.#now() - this.#openedAt >= steadyMs) failures = 0;
      await this.#pause.hold(backOff(failures, this.options.random ?? Math.random, this.options.retryMs ?? longestRetryMs));
    }
  }

  async #list(): Promise<void> {
    const { items, resourceVersion }: Listed<Kinds[K]> = await this.cluster.list(this.kind, this.options.selector);
    this.cache.replace(items, resourceVersion);
    this.#version = resourceVersion;
    this.#listedAt = this.#now();
    this.#isSynced = true;
    this.#problem = undefined;
    this.changed(undefined);
  }

  /** Until it is over, or it is time to list again. */
  async #watch(): Promise<void> {
    const untilRelistMs = Math.max(1000, this.#listedAt + this.#relistMs - this.#now());
    this.#connection = new AbortController();
    if (this.#stopping.signal.aborted) return;
    const seconds = Math.ceil(untilRelistMs / 1000);
    const watching = { resourceVersion: this.#version, seconds, silentMs: this.options.silentMs ?? silentMs, signal: this.#connection.signal, opened: () => this.#opened() };
    for await (const told of this.cluster.watch(this.kind, this.options.selector, watching)) {
      this.#version = told.object.metadata?.resourceVersion ?? this.#version;
      if (told.type === 'BOOKMARK') continue;
      const isNews = told.type === 'DELETED' ? this.cache.drop(told.object) : this.cache.put(told.object);
      if (isNews) this.changed(told.object);
    }
  }

  #opened(): void {
    this.#problem = undefined;
    this.#openedAt = this.#now();
  }

  get #relistMs(): number {
    return this.options.relistMs ?? relistMs;
  }

  #now(): number {
    return (this.options.now ?? (() => performance.now()))();
  }
}
