// How does somebody watch what a run uses, as long as it runs?
import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore } from '#event-store';
import type { RunUsageBody } from '#contracts';
import { attemptsOf } from '../attempts/attempts.ts';
import type { ExperimentsView, ExperimentView } from '../views/experiments.view.ts';
import { cpuPercentage } from './share.ts';
import type { UsageReader } from './usage-reader.ts';

/** As the original client reads it: these keys and no others. */
export interface ResourceMessage {
  readonly job_uuid: string;
  readonly experiment_uuid: string;
  readonly job_name: string;
  readonly container_id: string;
  readonly n_cpus: number;
  readonly cpu_percentage: number;
  readonly percpu_percentage: null;
  readonly memory_used: number;
  readonly memory_limit: number;
  readonly gpu_resources: null;
}

export interface ResourceWatcher {
  send(message: ResourceMessage): Promise<void>;
  readonly gone: AbortSignal;
}

const everyMs = 1000;

export class ResourceStream {
  constructor(
    private readonly experiments: ExperimentsView,
    private readonly usage: UsageReader,
    private readonly store: EventStore,
  ) {}

  /** A line a second while it runs; resolves when it is done. */
  async tell(watcher: ResourceWatcher, { id, body }: ExperimentView, attempt: number | undefined): Promise<void> {
    let before: RunUsageBody | null = null;
    for (; !watcher.gone.aborted; await pause(everyMs, undefined, { signal: watcher.gone }).catch(() => undefined)) {
      const view = await this.experiments.find(id).catch(() => undefined); // asked again
      if (view === null || view?.isDone || (view && attempt !== undefined && view.attempt > attempt)) return;
      const now: RunUsageBody | null = await this.usage.ofRun(id, watcher.gone).catch(() => null); // the scheduler may be away for a moment
      const share = before && now ? cpuPercentage(before, now) : null;
      if (now && share !== null && (attempt === undefined || attempt === now.attempt)) await watcher.send(await this.#message(now, share, { id, uuid: body.uuid }, body));
      before = now;
    }
  }

  async #message(now: RunUsageBody, share: number, { id, uuid }: { id: number; uuid: string }, body: ExperimentView['body']): Promise<ResourceMessage> {
    const attempt = attemptsOf(body, await this.store.load(`run-${id}`)).find(({ job }) => job.id === now.attempt);
    return {
      job_uuid: attempt?.job.uuid ?? uuid, experiment_uuid: uuid, job_name: `master.${now.attempt}`, container_id: `${id}-${now.attempt}`, n_cpus: now.processors, cpu_percentage: share, percpu_percentage: null,
      memory_used: now.memoryBytes, memory_limit: now.memoryLimitBytes, gpu_resources: null,
    };
  }
}
