// Which outputs does a project have, and who needs them?
import { isDone, type ExperimentId } from '#contracts';
import type { EventStore } from '#event-store';
import type { ExperimentsView, OutputsUser } from '../views/experiments.view.ts';
import type { Outputs } from './decide-retention.ts';

export interface ProjectOutputs extends Outputs {
  readonly outputsPath: string;
  readonly outputsStore: string;
  /** Done experiments that would read them again. */
  readonly readBy: readonly ExperimentId[];
}

interface Row {
  readonly id: number;
  readonly original_id: number;
  readonly outputs_path: string;
  readonly outputs_store: string;
  readonly is_pinned: boolean;
  readonly last_status: string;
  readonly metric: number | null;
}

export class OutputsOfProject {
  constructor(
    private readonly store: EventStore,
    private readonly views: ExperimentsView,
  ) {}

  /** Those that are there; `metric`: whose last values are wanted. */
  async find(projectId: number, metric: string | null): Promise<ProjectOutputs[]> {
    const { rows } = await this.store.pool.query<Row>(
      `SELECT e.id, e.original_id, e.outputs_path, e.outputs_store, e.is_pinned, e.last_status, m.value AS metric
       FROM api_gateway.experiments e LEFT JOIN api_gateway.experiment_metrics m ON m.experiment_id = e.id AND m.name = $2
       WHERE e.project_id = $1 AND NOT e.deleted AND e.outputs_delete_requested_at IS NULL AND e.outputs_deleted_at IS NULL ORDER BY e.id`,
      [projectId, metric],
    );
    const shared = new Map<number, Row[]>();
    for (const row of rows) shared.set(row.original_id, [...(shared.get(row.original_id) ?? []), row]);
    const users = new Map<number, OutputsUser[]>();
    for (const user of await this.views.usersOf([...shared.keys()])) users.set(user.originalId, [...(users.get(user.originalId) ?? []), user]);
    return [...shared].map(([originalId, ofOne]) => {
      const using = users.get(originalId) ?? [];
      return {
        originalId,
        outputsPath: ofOne[0]?.outputs_path ?? '',
        outputsStore: ofOne[0]?.outputs_store ?? '',
        experiments: ofOne.map(({ id, last_status: status, is_pinned: isPinned, metric: value }) => ({ id, isLive: !isDone(status), isPinned, metric: value })),
        neededBy: using.filter(({ isLive }) => isLive).map(needOf),
        readBy: using.filter(({ isLive }) => !isLive).map(({ id }) => id),
      };
    });
  }
}

function needOf({ id, how }: OutputsUser): string {
  if (how === 'searches') return `group ${id} is not done, and may go on from them`;
  return `experiment ${id} ${how} them`;
}
