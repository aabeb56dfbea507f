// How does the platform know how far a program is that runs in a pod, before its end?
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { AttemptReportBody } from '#contracts';
import { CheckpointWatch, type CarryNotes, type CheckpointSeen, type PodOrder } from '#storage';
import { GatewayRefused, reasonOf } from './gateway.ts';

const lookEveryMs = 500;
/** How far the store is behind changes all the time: nobody needs to know it at once. */
const lagEveryMs = 5000;
const warningsMax = 8;
const warningLengthMax = 500;

export interface ReporterParts {
  readonly order: PodOrder;
  /** Null: nothing is carried. */
  readonly notes: CarryNotes | null;
  /** Resolves when it is heard. */
  readonly send: (report: AttemptReportBody) => Promise<void>;
  readonly tell: (line: string) => void;
  readonly nowMs?: () => number;
  readonly everyMs?: number;
}

/** What it says is what there is now, so that it is said again after a failure and not kept. */
export class Reporter {
  readonly #watch = new CheckpointWatch();
  #told: AttemptReportBody | undefined;
  #toldAtMs = -Infinity;

  constructor(private readonly parts: ReporterParts) {}

  /** Until its program has ended, or nobody takes it. */
  async run(ended: AbortSignal): Promise<void> {
    const { tell, everyMs = lookEveryMs } = this.parts;
    for (let failed = ''; !ended.aborted; await pause(everyMs, undefined, { signal: ended }).catch(() => undefined)) {
      try {
        await this.#report();
        failed = '';
      } catch (error) {
        const reason = reasonOf(error);
        if (reason !== failed) tell(`how far it is could not be told: ${reason}`);
        failed = reason;
        if (error instanceof GatewayRefused) return;
      }
    }
  }

  /** When its program is gone, and what it has read still there. */
  async seen(): Promise<CheckpointSeen | undefined> {
    const { order } = this.parts;
    return order.checkpoint && this.#watch.look(order.notes, true);
  }

  async #report(): Promise<void> {
    const { send, nowMs = () => performance.now() } = this.parts;
    const report = await this.#now();
    if (this.#told && !isNews(this.#told, report, nowMs() - this.#toldAtMs)) return;
    await send(report);
    this.#told = report;
    this.#toldAtMs = nowMs();
  }

  async #now(): Promise<AttemptReportBody> {
    const { order, notes } = this.parts;
    const { lagSeconds, sizeBytes, failures, warnings } = (await notes?.status()) ?? {};
    return {
      is_building: order.isBuilding === true && !(await isThere(join(order.run, 'built'))),
      carrying: lagSeconds === undefined ? null : { lag_seconds: lagSeconds, size_bytes: sizeBytes ?? 0, failures: failures ?? 0 },
      warnings: (warnings ?? []).slice(0, warningsMax).map((warning) => warning.slice(0, warningLengthMax)),
      checkpoint: (order.checkpoint && (await this.#watch.look(order.notes, false))) ?? null,
    };
  }
}

function isNews({ carrying: had, ...before }: AttemptReportBody, { carrying, ...now }: AttemptReportBody, elapsedMs: number): boolean {
  if (JSON.stringify(before) !== JSON.stringify(now) || had?.failures !== carrying?.failures) return true;
  return elapsedMs >= lagEveryMs && JSON.stringify(had) !== JSON.stringify(carrying);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
