// Is a copy said to be where it is?
import type { CopyTaskBody } from '#contracts';
import { copyBody, type CopyRow } from './copy-body.ts';

const row: CopyRow = {
  id: 31,
  name: null,
  user: 'mona',
  project: 'mnist',
  requestedBy: 'erik',
  sourceId: 23,
  outputsPath: 'mona/mnist/experiments/31',
  isDone: false,
  createdAt: new Date('2026-01-01T00:00:00.000Z'),
  finishedAt: null,
  outcome: null,
};
const progress = { files_done: 1, files: 2, bytes_done: 10, bytes: 20, bytes_per_second: 5, seconds_left: 2 };
const task: CopyTaskBody = { experiment_id: 31, is_taken: true, progress, progressed_at: null, tries: 0, problem: null };
const copied: CopyRow = { ...row, outcome: { type: 'OutputsCopied', data: { experimentId: 31, files: 2, sizeBytes: 20, copiedAt: '2026-01-01T00:00:09.000Z' } as never } };
const failed = (reason: string): CopyRow => ({
  ...row,
  isDone: true,
  outcome: { type: 'OutputsCopyFailed', data: { experimentId: 31, reason, message: 'no space is left', failedAt: '2026-01-01T00:00:08.000Z' } as never },
});

it.each([
  ['nobody has taken notice of it', row, undefined, { phase: 'asked', ended_at: null, progress: null }],
  ['it waits', row, { ...task, is_taken: false, progress: null }, { phase: 'waiting' }],
  ['it waits for its next try', row, { ...task, is_taken: false, tries: 3, problem: 'the store is away' }, { phase: 'waiting', tries: 3, problem: 'the store is away', progress }],
  ['its files are listed', row, { ...task, progress: null }, { phase: 'listing' }],
  ['it is copied', row, task, { phase: 'copying', progress }],
  ['it is verified', row, { ...task, progress: { ...progress, files_done: 2, bytes_done: 20 } }, { phase: 'verifying' }],
  ['it is complete, whatever a task says that is not gone yet', copied, task, { phase: 'copied', progress: null, files: 2, size_bytes: 20, ended_at: '2026-01-01T00:00:09.000Z' }],
  ['it failed', failed('disk-full'), undefined, { phase: 'failed', problem: 'no space is left', ended_at: '2026-01-01T00:00:08.000Z' }],
  ['it was cancelled', failed('cancelled'), undefined, { phase: 'cancelled' }],
  ['its run ended before it began', { ...row, isDone: true, finishedAt: new Date('2026-01-01T00:00:05.000Z') }, undefined, { phase: 'cancelled', ended_at: '2026-01-01T00:00:05.000Z' }],
])('%s', (_, of, at, expected) => expect(copyBody(of, at)).toMatchObject({ experiment_id: 31, project: 'mona.mnist', ...expected }));
