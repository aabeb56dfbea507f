// When are logs archived, given up, or gone?
import type { LogsArchived, LogsArchiveFailed, LogsDeleted } from '#contracts';
import { given } from '#decider';
import { aTime } from '#testing';
import { logsDecider, type LogsCommand } from './decider.ts';

const archived = (attempt = 1): LogsArchived => ({
  type: 'LogsArchived',
  data: { experimentId: 23, attempt, sizeBytes: 4, lines: 1, lostBytes: 0, archivedAt: aTime },
});
const failed = (attempt = 1): LogsArchiveFailed => ({
  type: 'LogsArchiveFailed',
  data: { experimentId: 23, attempt, reason: 'no space left', failedAt: aTime },
});
const deleted: LogsDeleted = { type: 'LogsDeleted', data: { experimentId: 23, deletedAt: aTime } };
const complete = (attempt = 1): LogsCommand => ({ type: 'CompleteArchive', data: archived(attempt).data });
const fail = (attempt = 1): LogsCommand => ({ type: 'FailArchive', data: failed(attempt).data });
const remove: LogsCommand = { type: 'DeleteLogs', data: deleted.data };

describe('an archive that is complete', () => {
  it('is told', () => given(logsDecider).when(complete()).then(archived()));
  it('is told once', () => given(logsDecider, archived()).when(complete()).thenNothing());
  it('is told for every attempt, in any order', () => {
    given(logsDecider, archived(1)).when(complete(2)).then(archived(2));
    given(logsDecider, archived(2)).when(complete(1)).then(archived(1));
  });
  it('is not told after it was given up', () => given(logsDecider, failed()).when(complete()).thenNothing());
  it('is not told after it was deleted', () => given(logsDecider, archived(), deleted).when(complete(2)).thenNothing());
});

describe('an archive that can\'t be written', () => {
  it('is given up', () => given(logsDecider).when(fail()).then(failed()));
  it('is given up once', () => given(logsDecider, failed()).when(fail()).thenNothing());
  it('is not given up when it is complete', () => given(logsDecider, archived()).when(fail()).thenNothing());
  it('is given up for its own attempt only', () => given(logsDecider, archived(1)).when(fail(2)).then(failed(2)));
  it('is nothing any more when it was deleted', () => given(logsDecider, deleted).when(fail()).thenNothing());
});

describe('logs that are deleted', () => {
  it('are gone', () => given(logsDecider, archived()).when(remove).then(deleted));
  it('are gone although nothing was archived', () => given(logsDecider).when(remove).then(deleted));
  it('go once', () => given(logsDecider, archived(), deleted).when(remove).thenNothing());
});
