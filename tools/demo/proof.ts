// Is it true? Read from the files that programs wrote and the events that services wrote, not from what commands said.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { ExperimentBody, HistoryEntry } from '#contracts';
import type { Scene } from './scene.ts';

interface Start {
  readonly experiment: string;
  readonly started_at_step: number;
  readonly lr: number;
}
interface Checkpoint {
  readonly epoch: number;
  readonly step: number;
  readonly history: readonly Start[];
}

/** One experiment, as files and events tell of it. */
export interface Witness {
  readonly experiment: ExperimentBody;
  readonly started: Start;
  readonly endedAtStep: number;
  readonly endedAtEpoch: number;
  readonly events: readonly HistoryEntry[];
}

/** `checkpoint`: the text of checkpoint.json at the time the experiment ended. */
export async function witness(scene: Scene, id: number, checkpoint: string): Promise<Witness> {
  const experiment = await scene.ask<ExperimentBody>('experiment', '-xp', String(id), 'get');
  const events = await scene.ask<HistoryEntry[]>('experiment', '-xp', String(id), 'history');
  const { epoch, step, history } = JSON.parse(checkpoint) as Checkpoint;
  const started = history.find((one) => String(one.experiment).split('.').at(-1) === String(id));
  if (!started) throw new Error(`checkpoint.json does not know that experiment ${id} ever started`);
  return { experiment, started, endedAtStep: step, endedAtEpoch: epoch, events };
}

export function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }).map((one) => join(one.parentPath, one.name)).sort()) {
    hash.update(entry.slice(folder.length));
    try {
      hash.update(readFileSync(entry));
    } catch {
      // a folder
    }
  }
  return hash.digest('hex');
}

export function tableOf(witnesses: readonly Witness[]): string {
  const table = new Table({ head: ['experiment', 'status', 'cloned from', 'outputs path', 'code', 'lr', 'from step', 'to step', 'events'], style: { head: [], border: [] } });
  for (const { experiment, started, endedAtStep, events } of witnesses) {
    const { id, last_status: status, cloning_strategy: strategy, source_id: source, outputs_path: outputs, code_revision: code } = experiment;
    table.push([id, status, strategy ? `${source} (${strategy})` : '-', outputs, code?.slice(0, 7) ?? '-', started.lr, started.started_at_step, endedAtStep, events.length]);
  }
  return table.toString();
}

export class Checks {
  readonly #failed: string[] = [];

  that(what: string, isTrue: boolean): void {
    process.stdout.write(`${isTrue ? 'true ' : 'FALSE'}  ${what}\n`);
    if (!isTrue) this.#failed.push(what);
  }

  get failed(): readonly string[] {
    return this.#failed;
  }
}
