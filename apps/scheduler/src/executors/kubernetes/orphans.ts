// What is in the cluster of attempts that nobody knows any more, and how does it go?
import { Pause } from '#messaging';
import { LeaseLost, type Standing } from '#event-store';
import type { Logger } from '#service-host';
import type { AttemptId } from '../executor.ts';
import { ClusterProblem } from './cluster-problem.ts';
import type { ObjectsInCluster } from './objects-in-cluster.ts';
import { attemptOf, epochOf } from './objects/names.ts';

const looksEveryMs = 60_000;
const looksAgainMs = 1000;

interface Marked {
  readonly metadata?: { readonly labels?: Record<string, string> } | undefined;
}

/** Of attempts that are neither live nor about to be forgotten. `known` has to be read after `objects`: a row of an attempt is there before anything is made of it. */
export function orphansIn(objects: Iterable<Marked>, platform: string, known: ReadonlySet<string>): readonly AttemptId[] {
  const orphans = new Map<string, AttemptId>();
  for (const { metadata } of objects) {
    const id = attemptOf(platform, metadata?.labels);
    if (id && !known.has(epochOf(id))) orphans.set(epochOf(id), id);
  }
  return [...orphans.values()];
}

export interface OrphansOptions {
  readonly objects: ObjectsInCluster;
  readonly platform: string;
  /** Epochs of all attempts that the table of runs still has to do with. */
  readonly known: () => Promise<ReadonlySet<string>>;
  readonly standing: Standing;
  readonly log: Logger;
  /** Removes further things that nobody knows. */
  readonly also?: () => Promise<unknown>;
  readonly everyMs?: number;
}

export class Orphans {
  readonly #pause = new Pause();
  #running: Promise<void> | undefined;

  constructor(private readonly options: OrphansOptions) {}

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#pause.end();
    await this.#running;
  }

  /** How many attempts were removed. */
  async sweep(): Promise<number> {
    const { objects, platform, known, standing, log, also } = this.options;
    const found = await objects.marked();
    const orphans = orphansIn(found, platform, await known());
    for (const orphan of orphans) {
      standing.confirm();
      log.warn(orphan, 'what is in the cluster of this attempt belongs to no run any more, and is removed');
      await objects.remove(orphan);
    }
    standing.confirm();
    await also?.();
    return orphans.length;
  }

  async #run(): Promise<void> {
    while (!this.#pause.isOver) {
      const { objects, standing, log, everyMs = looksEveryMs } = this.options;
      let waitMs = Math.min(looksAgainMs, everyMs);
      try {
        if (standing.isHeld && objects.isSynced && !objects.problem) {
          await this.sweep();
          waitMs = everyMs;
        }
      } catch (error) {
        if (!(error instanceof LeaseLost)) log.warn({ err: error }, 'what belongs to no run any more can not be removed from the cluster yet');
        if (!(error instanceof ClusterProblem)) waitMs = everyMs;
      }
      await this.#pause.hold(waitMs);
    }
  }
}
