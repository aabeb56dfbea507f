// How does the log-collector keep what is to be archived, without SQL? Row for row as `archive-table.ts` does.
import type { Attempt, ExperimentId } from '#contracts';
import type { Archive, ArchiveTable, Deletion, NewArchive, Outcome, Position, Unkept } from '../../../apps/log-collector/src/archive/archive-table.ts';
import { Table, type Database, type Transaction } from '../database.ts';
import type { Life } from '../life.ts';
import { within } from '../memory-event-store.ts';

interface ArchiveRow extends Omit<Archive, 'isEnded' | 'startOffset'> {
  readonly startOffset: number | null;
  readonly state: 'following' | 'ending' | 'archived' | 'failed';
  readonly isUnkept: boolean;
}

export class ArchiveRows {
  readonly runs = new Table<{ readonly isOver: boolean; readonly isDeleted: boolean }>('log_collector.runs');
  readonly archives = new Table<ArchiveRow>('log_collector.archives');
  readonly deletions = new Table<Deletion>('log_collector.deletions');
}

/** The tables, as one process of the log-collector uses them. */
export class ArchivesAs implements Pick<ArchiveTable, keyof ArchiveTable> {
  constructor(
    private readonly rows: ArchiveRows,
    private readonly database: Database,
    private readonly life: Life,
  ) {}

  add(on: unknown, archive: NewArchive): Promise<void> {
    const { runs, archives } = this.rows;
    return this.#within(on, 'follows', async (tx) => {
      await tx.put(runs, String(archive.experimentId), (run) => run ?? { isOver: false, isDeleted: false });
      if (tx.get(runs, String(archive.experimentId))?.isDeleted) return;
      const position: Position = { consoleOffset: 0, archiveOffset: 0, lines: 0, lostBytes: 0 };
      await tx.put(archives, keyOf(archive), (there): ArchiveRow => there ?? { ...archive, state: 'following', startOffset: null, isUnkept: false, position });
    });
  }

  end(on: unknown, experimentId: ExperimentId, attempt: Attempt): Promise<boolean> {
    const { archives } = this.rows;
    return this.#within(on, 'ends', async (tx) => {
      const mine = tx.all(archives).filter((row) => row.experimentId === experimentId && row.attempt <= attempt);
      const ending = (row: ArchiveRow | undefined): ArchiveRow | undefined => (row?.state === 'following' ? { ...row, state: 'ending' } : row);
      for (const row of mine) await tx.put(archives, keyOf(row), ending);
      return tx.get(archives, keyOf({ experimentId, attempt })) !== undefined;
    });
  }

  over(on: unknown, experimentId: ExperimentId): Promise<void> {
    return this.#within(on, 'is over', (tx) => tx.put(this.rows.runs, String(experimentId), (run) => ({ isDeleted: false, ...run, isOver: true })));
  }

  isOver(experimentId: ExperimentId): Promise<boolean> {
    return this.#within(null, 'asks whether it is over', async (tx) => {
      const isSettled = tx.all(this.rows.archives).every((row) => row.experimentId !== experimentId || !isUnfinished(row));
      return isSettled && tx.get(this.rows.runs, String(experimentId))?.isOver === true;
    });
  }

  delete(on: unknown, deletion: Deletion): Promise<void> {
    return this.#within(on, 'deletes', async (tx) => {
      await tx.put(this.rows.runs, String(deletion.experimentId), () => ({ isOver: true, isDeleted: true }));
      await tx.put(this.rows.deletions, String(deletion.experimentId), (there) => there ?? deletion);
    });
  }

  unfinished(): Promise<Archive[]> {
    const { archives } = this.rows;
    return this.#within(null, 'looks at the archives', async (tx) => {
      for (const row of tx.all(archives)) {
        const earlier = tx.all(archives).filter(({ experimentId, attempt }) => experimentId === row.experimentId && attempt < row.attempt);
        if (row.startOffset !== null || !earlier.every(({ state }) => state === 'archived' || state === 'failed')) continue;
        const startOffset = Math.max(0, ...earlier.map(({ position }) => position.archiveOffset));
        await tx.put(archives, keyOf(row), (now) => now && { ...now, startOffset, position: { ...now.position, archiveOffset: startOffset } });
      }
      const open = tx.all(archives).filter(isUnfinished).sort((a, b) => a.experimentId - b.experimentId || a.attempt - b.attempt);
      return open.flatMap(({ state, startOffset, isUnkept: _, ...row }) => (startOffset === null ? [] : [{ ...row, startOffset, isEnded: state === 'ending' }]));
    });
  }

  async record(bootId: string, kept: readonly { readonly archive: Archive; readonly position: Position }[]): Promise<void> {
    await this.#within(null, 'records', async (tx) => {
      for (const { archive, position } of kept)
        await tx.put(this.rows.archives, keyOf(archive), (row) => (row && isUnfinished(row) ? { ...row, position, bootId } : row));
    });
  }

  finish(on: unknown, bootId: string, archive: Archive, position: Position, outcome: Outcome): Promise<boolean> {
    return this.#within(on, 'finishes', async (tx) => {
      let isNew = false;
      await tx.put(this.rows.archives, keyOf(archive), (row): ArchiveRow | undefined => {
        isNew = row !== undefined && isUnfinished(row);
        return row && isNew ? { ...row, position, bootId, state: outcome === 'archived' ? 'archived' : 'failed', isUnkept: outcome === 'unkept' } : row;
      });
      if (outcome === 'archived') await this.#keep(tx, archive.experimentId);
      return isNew;
    });
  }

  unkept(): Promise<Unkept[]> {
    return this.#within(null, 'looks at what is not kept', async (tx) => {
      const rows = tx.all(this.rows.archives);
      const experiments = [...new Set(rows.filter(({ isUnkept }) => isUnkept).map(({ experimentId }) => experimentId))].sort((one, other) => one - other);
      return experiments.flatMap((experimentId) => {
        const run = tx.get(this.rows.runs, String(experimentId));
        const its = rows.filter((row) => row.experimentId === experimentId);
        if (!run?.isOver || run.isDeleted || its.some(isUnfinished)) return [];
        return [{ experimentId, logsPath: its[0]!.logsPath, end: Math.max(...its.map(({ position }) => position.archiveOffset)) }];
      });
    });
  }

  kept(experimentId: ExperimentId, on: unknown = null): Promise<boolean> {
    return this.#within(on, 'has kept', (tx) => this.#keep(tx, experimentId));
  }

  async #keep(tx: Transaction, experimentId: ExperimentId): Promise<boolean> {
    const its = tx.all(this.rows.archives).filter((row) => row.experimentId === experimentId);
    for (const row of its) await tx.put(this.rows.archives, keyOf(row), (now) => now && { ...now, isUnkept: false });
    return its.length > 0;
  }

  deletions(): Promise<Deletion[]> {
    return this.#within(null, 'looks at the deletions', async (tx) => {
      const open = new Set(tx.all(this.rows.archives).filter(isUnfinished).map(({ experimentId }) => experimentId));
      return tx.all(this.rows.deletions).filter(({ experimentId }) => !open.has(experimentId));
    });
  }

  deleted(on: unknown, experimentId: ExperimentId): Promise<void> {
    return this.#within(on, 'has deleted', async (tx) => {
      await tx.put(this.rows.deletions, String(experimentId), () => undefined);
      for (const row of tx.all(this.rows.archives)) if (row.experimentId === experimentId) await tx.put(this.rows.archives, keyOf(row), () => undefined);
    });
  }

  #within<Result>(on: unknown, what: string, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return within(this.database, this.life, on, what, work);
  }
}

export function isUnfinished({ state }: Pick<ArchiveRow, 'state'>): boolean {
  return state === 'following' || state === 'ending';
}

function keyOf({ experimentId, attempt }: Pick<Archive, 'experimentId' | 'attempt'>): string {
  return `${experimentId}.${attempt}`;
}
