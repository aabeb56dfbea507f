// How far is a copy?
import type { CopyBody, CopyTaskBody, OutputsCopied, OutputsCopyFailed } from '#contracts';

/** A row of an experiment that was asked for as a copy, with how the copy ended. */
export interface CopyRow {
  readonly id: number;
  readonly name: string | null;
  readonly user: string;
  readonly project: string;
  readonly requestedBy: string;
  readonly sourceId: number | null;
  readonly outputsPath: string;
  readonly isDone: boolean;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly outcome: Pick<OutputsCopied | OutputsCopyFailed, 'type' | 'data'> | null;
}

/** What has been told counts more than what a task says: it goes with its outcome. */
export function copyBody(row: CopyRow, task: CopyTaskBody | undefined): CopyBody {
  const { id, name, user, project, requestedBy, sourceId, outputsPath, createdAt, outcome } = row;
  const running = outcome ? undefined : task;
  return {
    experiment_id: id,
    name,
    project: `${user}.${project}`,
    started_by: requestedBy,
    source_id: sourceId,
    outputs_path: outputsPath,
    phase: phaseOf(row, running),
    asked_at: createdAt.toISOString(),
    ended_at: endOf(row, running),
    progress: running?.progress ?? null,
    progressed_at: running?.progressed_at ?? null,
    ...(outcome?.type === 'OutputsCopied'
      ? { files: (outcome.data as OutputsCopied['data']).files, size_bytes: (outcome.data as OutputsCopied['data']).sizeBytes }
      : { files: null, size_bytes: null }),
    tries: running?.tries ?? 0,
    problem: outcome?.type === 'OutputsCopyFailed' ? (outcome.data as OutputsCopyFailed['data']).message : (running?.problem ?? null),
  };
}

function phaseOf({ outcome, isDone }: CopyRow, task: CopyTaskBody | undefined): CopyBody['phase'] {
  if (outcome?.type === 'OutputsCopied') return 'copied';
  if (outcome) return (outcome.data as OutputsCopyFailed['data']).reason === 'cancelled' ? 'cancelled' : 'failed';
  if (!task) return isDone ? 'cancelled' : 'asked';
  if (!task.is_taken) return 'waiting';
  const { progress } = task;
  if (!progress || progress.files === 0) return 'listing';
  return progress.files_done < progress.files || progress.bytes_done < progress.bytes ? 'copying' : 'verifying';
}

/** Of one that ended before anybody had taken notice of it: when its experiment did. */
function endOf({ outcome, isDone, finishedAt }: CopyRow, task: CopyTaskBody | undefined): string | null {
  if (outcome) return 'copiedAt' in outcome.data ? outcome.data.copiedAt : outcome.data.failedAt;
  return !task && isDone ? (finishedAt?.toISOString() ?? null) : null;
}
