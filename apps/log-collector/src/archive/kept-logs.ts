// Where are logs kept for good when that isn't the folder they are written in?
import { rm, rmdir, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runLogPath } from '#layout';
import type { EventStore, Standing } from '#event-store';
import type { Logger } from '#service-host';
import type { FileTree, StoreProblem } from '#storage';
import type { Archive, ArchiveTable } from './archive-table.ts';
import { openToRead, writeAll, type LogFile } from './run-log.ts';

/** A store holds whole objects, and a log grows: it is written in the folder, and kept in the store each time an attempt is over. */
export class KeptLogs {
  constructor(private readonly tree: FileTree) {}

  problem(): Promise<StoreProblem | undefined> {
    return this.tree.problem();
  }

  /** All of it up to `end`, in place of what was kept before; there when this resolves. */
  async keep(root: string, logsPath: string, end: number): Promise<void> {
    const file = await openToRead(root, logsPath);
    if (!file) throw new Error(`the log ${logsPath} is gone before it was kept`);
    try {
      const content = end === 0 ? Buffer.alloc(0) : file.createReadStream({ start: 0, end: end - 1, autoClose: false });
      const { sizeBytes } = await this.tree.write(runLogPath(logsPath), content);
      if (sizeBytes !== end) throw new Error(`the store has ${sizeBytes} bytes of the log ${logsPath}, which has ${end}`);
    } finally {
      await file.close();
    }
  }

  /** What attempts before have printed, when the folder doesn't have it any more. */
  async bringBack(file: FileHandle, logsPath: string, bytes: number): Promise<void> {
    const kept = await this.tree.stat(runLogPath(logsPath));
    if (!kept || kept.sizeBytes < bytes) return;
    let position = 0;
    for await (const chunk of await this.tree.read(runLogPath(logsPath), { start: 0, end: bytes - 1 })) {
      await writeAll(file, chunk as Buffer, position);
      position += (chunk as Buffer).length;
    }
  }

  /** Null: it isn't here. */
  async open(logsPath: string): Promise<LogFile | null> {
    const path = runLogPath(logsPath);
    const kept = await this.tree.stat(path);
    return kept && new KeptLog(this.tree, path, kept.sizeBytes);
  }

  async remove(logsPath: string): Promise<void> {
    await this.tree.remove(logsPath);
  }
}

export interface KeepingParts {
  readonly kept?: KeptLogs | undefined;
  /** Where logs are written. */
  readonly tree: FileTree;
  readonly table: ArchiveTable;
  readonly store: EventStore;
  readonly log: Logger;
  readonly standing: Standing;
}

/** Before it is told that it is there. A log-collector that another has replaced is refused just before, so that it puts no older log over a newer one. */
export async function keep({ kept, tree, store, standing }: KeepingParts, { logsPath }: Pick<Archive, 'logsPath'>, end: number): Promise<void> {
  if (!kept) return;
  await store.transaction((on) => standing.confirmIn(on));
  await kept.keep(tree.root, logsPath, end).catch(async (error: unknown) => {
    const problem = await kept.problem();
    throw problem ? new StoreAway(problem.message, error) : error;
  });
}

/** The log is whole, in the folder, and goes into the store when that can be used again. */
export class StoreAway extends Error {
  constructor(problem: string, cause: unknown) {
    super(`${problem}; it stays readable, and is put into the store when that can be used again`, { cause });
  }
}

/** Once nothing comes to it any more. What is left when this fails is read as well, and what else a run has left in the folder stays. */
export async function removeWritten({ kept, tree, table, log }: Omit<KeepingParts, 'standing'>, { experimentId, logsPath }: Pick<Archive, 'experimentId' | 'logsPath'>): Promise<void> {
  try {
    if (!kept || !(await table.isOver(experimentId))) return;
    const path = join(tree.root, runLogPath(logsPath));
    await rm(path, { force: true });
    await rmdir(dirname(path)).catch(() => undefined);
  } catch (error) {
    log.warn({ err: error, experimentId }, 'a log that is kept in the store is still in the folder, too');
  }
}

class KeptLog implements LogFile {
  constructor(
    private readonly tree: FileTree,
    private readonly path: string,
    private readonly sizeBytes: number,
  ) {}

  async stat(): Promise<{ readonly size: number }> {
    return { size: this.sizeBytes };
  }

  async read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly buffer: Buffer; readonly bytesRead: number }> {
    const end = Math.min(position + length, this.sizeBytes);
    let bytesRead = 0;
    if (position >= end) return { buffer, bytesRead };
    for await (const chunk of await this.tree.read(this.path, { start: position, end: end - 1 })) bytesRead += (chunk as Buffer).copy(buffer, offset + bytesRead);
    return { buffer, bytesRead };
  }

  async close(): Promise<void> {
    // nothing is held
  }
}
