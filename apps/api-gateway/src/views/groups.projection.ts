// What do events change in what users read of a group?
import type { EventsOf, GroupOrder } from '#contracts';
import type { Recorded } from '#event-store';
import type { Target } from './view.ts';

interface StatusChange {
  readonly groupId: number;
  readonly status: string;
  readonly message: string | null;
  readonly at: string;
}

export async function projectGroups(event: Recorded, target: Target): Promise<void> {
  const change = await apply(event, target);
  if (!change) return;
  const { on, schema } = target;
  const { groupId, status, message, at } = change;
  await on.query(
    `INSERT INTO ${schema}.group_statuses (id, uuid, group_id, status, message, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`,
    [event.cursor.globalPosition, event.id, groupId, status, message, at],
  );
  await on.query(`UPDATE ${schema}.groups SET last_status = $2, last_status_message = $3, updated_at = greatest(updated_at, $4) WHERE id = $1`, [groupId, status, message, at]);
}

async function apply(recorded: Recorded, { on, schema }: Target): Promise<StatusChange | undefined> {
  const event = recorded as unknown as EventsOf[keyof EventsOf] & { time: string };
  switch (event.type) {
    case 'GroupCreated':
      await insert(event.data, { on, schema });
      return { groupId: event.data.groupId, status: 'created', message: null, at: event.data.requestedAt };
    case 'GroupIterationStarted': {
      const { groupId, iteration, members, startedAt: at } = event.data;
      await on.query(`UPDATE ${schema}.groups SET iteration = $2 WHERE id = $1`, [groupId, iteration + 1]);
      return { groupId, status: 'running', message: `iteration ${iteration + 1}: ${members.length} member${members.length === 1 ? '' : 's'}`, at };
    }
    case 'GroupStopRequested': {
      const { groupId, pendingOnly, reason, requestedAt: at } = event.data;
      return { groupId, status: 'stopping', message: reason ?? (pendingOnly ? 'what waits is stopped, what runs goes on to its end' : null), at };
    }
    case 'GroupResumeRequested': {
      const { groupId, content, hptuning, concurrency, codeRevision, members, requestedAt: at } = event.data;
      await on.query(
        `UPDATE ${schema}.groups SET content = $2, hptuning = $3, concurrency = $4, code_revision = $5, finished_at = NULL WHERE id = $1`,
        [groupId, content, JSON.stringify(hptuning), concurrency, codeRevision],
      );
      return { groupId, status: 'resuming', message: `${members.length} member${members.length === 1 ? '' : 's'} to go on`, at };
    }
    case 'GroupResumed':
      return { groupId: event.data.groupId, status: 'running', message: null, at: event.data.resumedAt };
    case 'GroupStatusReported': {
      const { groupId, status, message, reportedAt: at } = event.data;
      return { groupId, status, message, at };
    }
    case 'GroupDone': {
      const { groupId, status, message, doneAt: at } = event.data;
      await on.query(`UPDATE ${schema}.groups SET finished_at = $2 WHERE id = $1`, [groupId, at]);
      return { groupId, status, message, at };
    }
    case 'GroupDescribed': {
      const { groupId, name = null, description = null, tags } = event.data;
      await on.query(
        `UPDATE ${schema}.groups SET name = CASE WHEN $2 THEN $3 ELSE name END, description = CASE WHEN $4 THEN $5 ELSE description END, tags = coalesce($6, tags),
           updated_at = greatest(updated_at, $7) WHERE id = $1`,
        [groupId, 'name' in event.data, name, 'description' in event.data, description, tags ? JSON.stringify(tags) : null, event.time],
      );
      return undefined;
    }
    case 'GroupDeleted':
      await on.query(`UPDATE ${schema}.groups SET deleted = true, updated_at = greatest(updated_at, $2) WHERE id = $1`, [event.data.groupId, event.time]);
      return undefined;
    default:
      return undefined; // changes nothing users read of a group
  }
}

async function insert(order: GroupOrder, { on, schema }: Target): Promise<void> {
  await on.query(
    `INSERT INTO ${schema}.groups (id, uuid, project_id, user_name, project_name, requested_by, name, description, tags, content, hptuning, search_algorithm, concurrency, code_revision,
       is_managed, source_id, cloning_strategy, last_status, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'created', $18, $18) ON CONFLICT (id) DO NOTHING`,
    [
      order.groupId, order.uuid, order.projectId, order.user, order.project, order.requestedBy, order.name, order.description, JSON.stringify(order.tags), order.content,
      JSON.stringify(order.hptuning), order.searchAlgorithm, order.concurrency, order.codeRevision, order.isManaged, order.source?.experimentId ?? null, order.source?.cloningStrategy ?? null,
      order.requestedAt,
    ],
  );
}
