// Who takes what was printed to `run.log`, if the real archive is files and watches?
import type { Archive, Deletion } from '../../apps/log-collector/src/archive/archive-table.ts';
import { logsDecider, type LogsCommand } from '../../apps/log-collector/src/logs/decider.ts';
import type { Faults, Life } from './life.ts';
import type { MemoryEventStore } from './memory-event-store.ts';
import type { Random } from '#testing';
import type { ArchivesAs } from './tables/archive-rows.ts';
import { keyOf, type World } from './world.ts';

const lookEveryMs = 500;

interface Parts {
  readonly store: MemoryEventStore;
  readonly table: ArchivesAs;
  readonly world: World;
  readonly life: Life;
  readonly random: Random;
  readonly faults: Faults;
  readonly now: () => string;
}

/** Stands for the worker of the log-collector: the same table, the same decider, the same steps, and lines in place of bytes. */
export class Archiver {
  #isWoken = false;
  #rouse: () => void = () => undefined;

  constructor(private readonly parts: Parts) {}

  start(): void {
    void this.#run();
  }

  wake(): void {
    this.#isWoken = true;
    this.#rouse();
  }

  async #run(): Promise<never> {
    for (;;) {
      this.#isWoken = false;
      try {
        for (const archive of await this.parts.table.unfinished()) await this.#archive(archive);
        for (const deletion of await this.parts.table.deletions()) await this.#delete(deletion);
      } catch {
        // looked at again
      }
      if (!this.#isWoken)
        await new Promise<void>((resolve) => {
          setTimeout(resolve, lookEveryMs);
          this.#rouse = resolve;
        });
    }
  }

  /** Written by offset: done again from anywhere, it is the same. */
  async #archive(archive: Archive): Promise<void> {
    const { store, table, world, life, random, faults, now } = this.parts;
    const { experimentId, attempt, startOffset, cause, bootId, isEnded } = archive;
    const lines = await life.effect(`archives ${keyOf(archive)}`, () => {
      const console = [...(world.consoles.get(keyOf(archive)) ?? [])];
      world.runLogs.set(experimentId, [...(world.runLogs.get(experimentId) ?? []).slice(0, startOffset), ...console]);
      return console.length;
    });
    if (!isEnded) return;
    const isHopeless = random.chance(0.02 * faults.rate);
    const data = { experimentId, attempt };
    const command: LogsCommand = isHopeless
      ? { type: 'FailArchive', data: { ...data, reason: 'the disk is full', failedAt: now() } }
      : { type: 'CompleteArchive', data: { ...data, sizeBytes: lines, lines, lostBytes: 0, archivedAt: now() } };
    await store.transaction(async (on) => {
      const position = { consoleOffset: lines, archiveOffset: startOffset + lines, lines, lostBytes: 0 };
      const isNew = await table.finish(on, bootId, archive, position, isHopeless ? 'failed' : 'archived');
      if (isNew) await store.handleIn(on, `logs-${experimentId}`, logsDecider, [command], cause);
    });
    this.wake();
  }

  async #delete({ experimentId, cause }: Deletion): Promise<void> {
    const { store, table, world, life, now } = this.parts;
    await life.effect(`removes the logs of ${experimentId}`, () => world.runLogs.delete(experimentId));
    await store.transaction(async (on) => {
      await table.deleted(on, experimentId);
      await store.handleIn(on, `logs-${experimentId}`, logsDecider, [{ type: 'DeleteLogs', data: { experimentId, deletedAt: now() } }], cause);
    });
  }
}
