// Is each attempt of a run one job, with the statuses it had?
import type { ExperimentBody, RunEvent } from '#contracts';
import type { Recorded } from '#event-store';
import { attemptsOf } from './attempts.ts';

const experiment = { id: 7, unique_name: 'mona.iris.7', resources: null } as ExperimentBody;
const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
const history = (...events: RunEvent[]) => events.map((event, index) => ({ ...event, id: `id-${index + 1}`, cursor: { transactionId: '1', globalPosition: String(index + 1) } })) as unknown as Recorded[];
const scheduled = (attempt: number, second: number): RunEvent => ({ type: 'RunScheduled', data: { experimentId: 7, attempt, scheduledAt: at(second) } });
const started = (attempt: number, second: number): RunEvent => ({ type: 'RunStarted', data: { experimentId: 7, attempt, console: 'file:/c', logsPath: 'l', startedAt: at(second) } });
const end = (attempt: number, second: number) => ({ experimentId: 7, attempt, wasStarted: attempt > 0, exitCode: 0, message: null, endedAt: at(second) });

it('is a job for each attempt', () => {
  const attempts = attemptsOf(experiment, history(scheduled(1, 0), started(1, 1), { type: 'RunPreempted', data: end(1, 3) }, scheduled(2, 4), started(2, 5)));
  expect(attempts.map(({ job, statuses }) => [job.id, job.uuid, job.last_status, job.started_at, job.finished_at, job.total_run, statuses.map(({ status }) => status)])).toEqual([
    [1, 'id-1', 'failed', at(1), at(3), '2s', ['scheduled', 'running', 'failed']],
    [2, 'id-4', 'running', at(5), null, null, ['scheduled', 'running']],
  ]);
});

it('a warning is a line, and not what became of it', () => {
  const warned: RunEvent = { type: 'RunWarned', data: { experimentId: 7, attempt: 1, message: 'no limits here', warnedAt: at(1) } };
  const [only] = attemptsOf(experiment, history(scheduled(1, 0), warned));
  expect([only?.job.last_status, only?.statuses.at(-1)]).toEqual(['scheduled', expect.objectContaining({ status: 'warning', message: 'no limits here', job: 1 })]);
});

it('a run that was never scheduled has none', () => {
  expect(attemptsOf(experiment, history({ type: 'RunStopped', data: end(0, 1) }))).toEqual([]);
});
