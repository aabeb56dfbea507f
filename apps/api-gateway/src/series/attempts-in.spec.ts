// Is each attempt told with what it was given, and why it ended?
import fc from 'fast-check';
import type { ExperimentBody } from '#contracts';
import { attemptsIn } from './attempts-in.ts';
import { attemptAt, rowsByAttempt } from './reports.ts';

const body = { id: 23, is_managed: true, user: 'mona', created_at: '2026-01-01T00:00:00.000Z', started_at: null, finished_at: null, last_status: 'running', last_status_message: null } as ExperimentBody;
const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
const entry = (type: string, data: object) => ({ type, data: { experimentId: 23, ...data } });
const given = (step: number, attempt?: number) => entry('OutputsPrepared', { ...(attempt && { attempt }), checkpoint: { offered: { path: `w-${step}.h5`, step }, parts: [], setAside: [] } });
const end = (attempt: number, second: number, more: object = {}) => ({ attempt, wasStarted: true, exitCode: 1, message: null, endedAt: at(second), ...more });

it('an attempt that failed, one that was taken away, one that somebody stopped', () => {
  const told = attemptsIn(body, [
    entry('RunStarted', { attempt: 1, startedAt: at(1) }), entry('RunAttemptFailed', end(1, 2)),
    given(100, 2), entry('RunStarted', { attempt: 2, startedAt: at(3) }), entry('RunCheckpointSeen', { attempt: 2, read: 'not-read', how: '' }), entry('RunPreempted', end(2, 4, { message: 'node is gone' })),
    given(200, 3), entry('RunStarted', { attempt: 3, startedAt: at(5) }), entry('ExperimentStopRequested', { requestedBy: 'erik' }), entry('RunStopped', end(3, 6)),
    entry('RunStarted', { attempt: 4, startedAt: at(7) }),
  ]);
  expect(told.map(({ attempt, started_at: started, ended_because: why, offered, read }) => [attempt, started, why, offered?.step ?? null, read])).toEqual([
    [1, at(1), 'failed: exit code 1', null, 'unknown'], [2, at(3), 'taken away by the machine: node is gone', 100, 'not-read'], [3, at(5), 'stopped by erik', 200, 'unknown'], [4, at(7), null, 200, 'unknown'],
  ]);
});
it('the platform says why it stops something itself', () =>
  expect(
    attemptsIn(body, [
      entry('RunStarted', { attempt: 1, startedAt: at(1) }),
      entry('ExperimentStopRequested', { requestedBy: 'platform', reason: 'its time to live is over' }),
      entry('RunStopped', end(1, 2)),
    ])[0]?.ended_because,
  ).toBe('stopped because its time to live is over'));
it('one that never ran had none, and one that is only tracked had one', () => {
  expect(attemptsIn(body, [entry('RunQueued', {})])).toEqual([]);
  expect(attemptsIn({ ...body, is_managed: false, last_status: 'failed', last_status_message: 'no disk', finished_at: at(2) }, [])).toMatchObject([{ attempt: 1, ended_because: 'failed: no disk' }]);
});
it('a report belongs to the attempt it names, else to the latest that had begun', () => {
  const attempts = [{ attempt: 1, startedAt: 100, place: 4 }, { attempt: 2, startedAt: 200, place: 5 }];
  expect([[2, 150], [0, 150], [0, 200], [0, 50]].map(([attempt = 0, time = 0]) => attemptAt(attempts, { attempt, time }))).toEqual([5, 4, 5, 4]);
});
it('so do the rows of a page, many at once: each row to the attempt it alone belongs to', () => {
  const candidates = [{ attempt: 1, startedAt: 10, place: 4 }, { attempt: 2, startedAt: 20, place: 5 }];
  const attempt = fc.constantFrom(0, 1, 2, 3);
  const reported = fc.array(fc.tuple(attempt, fc.integer({ min: 0, max: 30 })), { maxLength: 20 });
  fc.assert(
    fc.property(fc.subarray(candidates), reported, fc.option(attempt), (some, rows, ofAll) => {
      const page = { times: rows.map(([, time]) => time), attempts: ofAll ?? rows.map(([said]) => said) };
      const told = [...rowsByAttempt(some, page)].flatMap(([place, { from, until }]) => rows.slice(from, until).map(() => place));
      expect(told).toEqual(rows.map(([said, time]) => attemptAt(some, { attempt: ofAll ?? said, time })));
    }),
  );
});
