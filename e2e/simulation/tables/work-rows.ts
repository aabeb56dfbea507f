// How does the storage-manager keep its work, without SQL? Row for row as `work-table.ts` does.
import type { ExperimentId } from '#contracts';
import type { Claimed, Kind, Task } from '../../../apps/storage-manager/src/work/task.ts';
import type { WorkTable } from '../../../apps/storage-manager/src/work/work-table.ts';
import { Table, type Database, type Transaction } from '../database.ts';
import type { Life } from '../life.ts';
import { within } from '../memory-event-store.ts';

interface WorkRow {
  readonly id: number;
  readonly task: Task;
  readonly isCancelled: boolean;
  readonly tries: number;
  readonly epoch: number;
  readonly dueAt: number;
  readonly leaseOwner: string | null;
  readonly leaseUntil: number;
}

type Rows = Table<WorkRow>;

export const workRows = (): Rows => new Table<WorkRow>('storage_manager.work');

/** The table, as one process of the storage-manager uses it; `owner` is another one for each. */
export class WorkAs implements Pick<WorkTable, keyof WorkTable> {
  constructor(
    private readonly rows: Rows,
    private readonly database: Database,
    private readonly life: Life,
    private readonly owner: string,
    private readonly leaseMs: number,
    private readonly nowMs: () => number,
  ) {}

  add(on: unknown, task: Task): Promise<void> {
    const row = { id: this.database.nextValue(), task, isCancelled: false, tries: 0, epoch: 0, dueAt: this.nowMs(), leaseOwner: null, leaseUntil: 0 };
    return this.#within(on, `asks for a ${task.kind}`, (tx) => tx.put(this.rows, keyOf(task), (there) => (there && attemptOf(there.task) >= attemptOf(task) ? there : row)));
  }

  cancelCopy(on: unknown, experimentId: ExperimentId): Promise<boolean> {
    return this.#within(on, 'cancels a copy', async (tx) => {
      const key = keyOf({ kind: 'copy', experimentId });
      if (!tx.get(this.rows, key)) return false;
      await tx.put(this.rows, key, (row) => row && { ...row, isCancelled: true, dueAt: Math.min(row.dueAt, this.nowMs()) });
      return true;
    });
  }

  async stores(): Promise<readonly string[]> {
    return []; // there is one here
  }

  async claim(kinds: readonly Kind[], limit: number, except: readonly string[]): Promise<Claimed[]> {
    if (limit <= 0) return [];
    return this.#within(null, `claims to ${kinds.join(' or ')}`, async (tx) => {
      const all = tx.all(this.rows).sort((a, b) => a.id - b.id);
      const now = this.nowMs();
      const isDue = ({ id, task, dueAt, leaseUntil }: WorkRow) =>
        kinds.includes(task.kind) && !except.includes(String(id)) && dueAt <= now && leaseUntil < now && !tx.isLockedElsewhere(this.rows, keyOf(task));
      const isNext = ({ id, task }: WorkRow) => !all.some((earlier) => earlier.id < id && standsInTheWay(earlier.task, task));
      const free = all.filter((row) => isDue(row) && isNext(row)).slice(0, limit);
      const lease = { leaseOwner: this.owner, leaseUntil: now + this.leaseMs };
      for (const { task } of free) await tx.put(this.rows, keyOf(task), (row) => row && { ...row, ...lease, epoch: row.epoch + 1 });
      return free.map(({ id, task, tries, epoch, isCancelled }): Claimed => ({ ...task, id: String(id), tries, epoch: epoch + 1, isCancelled }));
    });
  }

  /** Its rows know the epoch. */
  release(): void {
    // nothing is kept here
  }

  renew(ids: readonly string[]): Promise<ReadonlyMap<string, { readonly isCancelled: boolean }>> {
    return this.#within(null, 'renews its leases', async (tx) => {
      const ours = new Map<string, { readonly isCancelled: boolean }>();
      for (const { id, task } of tx.all(this.rows)) {
        if (!ids.includes(String(id))) continue;
        await tx.put(this.rows, keyOf(task), (row) => {
          if (row?.leaseOwner !== this.owner) return row;
          ours.set(String(id), { isCancelled: row.isCancelled });
          return { ...row, leaseUntil: this.nowMs() + this.leaseMs };
        });
      }
      return ours;
    });
  }

  async report(): Promise<void> {
    // it is only shown
  }

  async copyProgress(): Promise<null> {
    return null;
  }

  async copies(): Promise<[]> {
    return [];
  }

  async finish(on: unknown, id: string): Promise<boolean> {
    return this.#within(on, 'finishes', async (tx) => {
      let isOurs = false;
      await this.#put(tx, id, (row) => {
        isOurs = row.leaseOwner === this.owner;
        return isOurs ? undefined : row;
      });
      return isOurs;
    });
  }

  async retryLater(id: string, delayMs: number): Promise<void> {
    const later = (row: WorkRow): WorkRow => ({ ...row, leaseOwner: null, leaseUntil: 0, tries: row.tries + 1, dueAt: this.nowMs() + delayMs });
    await this.#within(null, 'puts its work off', (tx) => this.#put(tx, id, (row) => (row.leaseOwner === this.owner ? later(row) : row)));
  }

  async #put(tx: Transaction, id: string, change: (row: WorkRow) => WorkRow | undefined): Promise<void> {
    const row = tx.all(this.rows).find((one) => String(one.id) === id);
    if (row) await tx.put(this.rows, keyOf(row.task), (now) => (now?.id === row.id ? change(now) : now));
  }

  #within<Result>(on: unknown, what: string, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return within(this.database, this.life, on, what, work);
  }
}

function standsInTheWay(earlier: Task, task: Task): boolean {
  if (earlier.originalExperimentId === task.originalExperimentId) return true;
  if (task.kind === 'delete') return earlier.kind === 'copy' && earlier.payload.sourceOriginalExperimentId === task.originalExperimentId;
  return task.kind === 'copy' && earlier.kind === 'delete' && earlier.originalExperimentId === task.payload.sourceOriginalExperimentId;
}

function attemptOf({ payload }: Task): number {
  return 'attempt' in payload ? (payload.attempt ?? 1) : 1;
}

function keyOf({ kind, experimentId }: Pick<Task, 'kind' | 'experimentId'>): string {
  return `${kind} ${experimentId}`;
}
