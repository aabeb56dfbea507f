// How much of the machine does a run use now, and what machine is it?
import { availableParallelism, hostname, release, totalmem, type } from 'node:os';
import type { MachineBody, RunUsageBody } from '#contracts';
import type { Queryable } from '#event-store';
import { resourcesOf, type JsonMapping } from '#polyaxonfile';
import type { Executor } from '../executors/executor.ts';

export class RunUsage {
  constructor(
    private readonly on: Queryable,
    private readonly executor: Executor,
    private readonly monotonicMs: () => number,
    private readonly slotsInAll: number,
  ) {}

  /** Null: nothing of it runs at the moment, or nobody can tell. */
  async of(experimentId: number): Promise<RunUsageBody | null> {
    const { rows } = await this.on.query<{ attempt: number; environment: JsonMapping }>(
      `SELECT attempt, "order" -> 'environment' AS environment FROM scheduler.runs WHERE experiment_id = $1 AND state = 'started'`,
      [experimentId],
    );
    const [run] = rows;
    const used = run && (await this.executor.usage?.({ experimentId, attempt: run.attempt }));
    if (!run || !used || used.processes === 0) return null;
    const { processors, memoryBytes } = this.machine();
    const memoryLimitBytes = resourcesOf(run.environment)?.memory?.limits ?? memoryBytes;
    return { attempt: run.attempt, processors, cpuSeconds: used.cpuSeconds, memoryBytes: used.memoryBytes, memoryLimitBytes, measuredAtMs: this.monotonicMs() };
  }

  async slots(): Promise<{ taken: number; free: number }> {
    const { rows } = await this.on.query<{ taken: number }>(`SELECT count(*)::int AS taken FROM scheduler.runs WHERE state <> 'waiting'`);
    const taken = rows[0]?.taken ?? 0;
    return { taken, free: Math.max(0, this.slotsInAll - taken) };
  }

  machine(): MachineBody {
    return { name: hostname(), processors: availableParallelism(), memoryBytes: totalmem(), system: type(), kernel: release() };
  }
}
