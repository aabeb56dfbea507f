// How do the logs of deleted experiments go?
import type { Time } from '#contracts';
import { errandFor, LeaseLost, onErrand, type EventStore, type Standing } from '#event-store';
import type { Logger } from '#service-host';
import type { FileTree } from '#storage';
import { logsDecider, type LogsCommand } from '../logs/decider.ts';
import { streamOf } from '../logs/logs.ts';
import type { ArchiveTable, Deletion } from './archive-table.ts';
import type { Growth } from './growth.ts';
import type { KeptLogs } from './kept-logs.ts';

export interface RemoverParts {
  readonly store: EventStore;
  readonly table: ArchiveTable;
  readonly tree: FileTree;
  readonly kept?: KeptLogs | undefined;
  readonly growth: Growth;
  readonly log: Logger;
  readonly now: () => Time;
  readonly standing: Standing;
}

/** Those that nobody writes any more; what fails is tried again the next time. */
export async function removeDeleted(parts: RemoverParts): Promise<void> {
  for (const deletion of await parts.table.deletions()) await onErrand(errandFor(deletion.cause, deletion.experimentId), () => remove(deletion, parts));
}

async function remove({ experimentId, logsPath, cause }: Deletion, { store, table, tree, kept, growth, log, now, standing }: RemoverParts): Promise<void> {
  try {
    standing.confirm();
    await tree.remove(logsPath);
    await kept?.remove(logsPath);
    const command: LogsCommand = { type: 'DeleteLogs', data: { experimentId, deletedAt: now() } };
    await store.transaction(async (on) => {
      await table.deleted(on, experimentId);
      await store.handleIn(on, streamOf(experimentId), logsDecider, [command], cause);
      await standing.confirmIn(on);
    });
    growth.tell(experimentId, 'state');
  } catch (error) {
    if (error instanceof LeaseLost) return;
    log.warn({ err: error, experimentId }, 'logs could not be deleted; it is tried again');
  }
}
