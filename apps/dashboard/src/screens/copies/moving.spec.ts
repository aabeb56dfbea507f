// Does a copy that stands still say so, and why?
import type { CopyBody } from '#contracts';
import { doneOf, endedText, isRunning, movingText } from './moving.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
const progress = { files_done: 3, files: 4, bytes_done: 750, bytes: 1000, bytes_per_second: 2_000_000, seconds_left: 90 };
const copy = (more: Partial<CopyBody>): CopyBody => ({
  experiment_id: 31,
  name: null,
  project: 'mona.mnist',
  started_by: 'mona',
  source_id: 23,
  outputs_path: 'a',
  phase: 'copying',
  asked_at: ago(300),
  ended_at: null,
  progress,
  progressed_at: ago(1),
  files: null,
  size_bytes: null,
  tries: 0,
  problem: null,
  ...more,
});

it.each([
  [{}, 'active', '2.0 MB/s, about 1 min 30 s left'],
  [{ progress: { ...progress, bytes_per_second: null, seconds_left: null } }, 'active', 'is copied'],
  [{ progressed_at: ago(125) }, 'doubt', 'nothing has come for 2 min 5 s: the store gives nothing'],
  [{ progressed_at: ago(125), problem: 'connect ECONNREFUSED', tries: 2 }, 'doubt', 'nothing has come for 2 min 5 s: connect ECONNREFUSED'],
  [{ phase: 'listing', progress: null, progressed_at: null, asked_at: ago(5), tries: 1 }, 'active', 'its files are listed, try 2'],
  [{ phase: 'listing', progress: null, progressed_at: null }, 'doubt', 'nothing has come for 5 min: its files are still being listed'],
  [{ phase: 'verifying' }, 'active', 'all is there, it is verified'],
  [{ phase: 'waiting', tries: 0 }, 'active', 'waits for a free hand'],
  [{ phase: 'waiting', tries: 1, problem: 'no space is left' }, 'doubt', 'waits for its try 2: no space is left'],
  [{ phase: 'asked', progressed_at: null, asked_at: ago(2) }, 'active', 'was asked for'],
  [{ phase: 'asked', progressed_at: null }, 'doubt', 'asked for 5 min ago, and nobody has taken notice of it: the storage-manager is behind or away'],
] as const)('%j: %s, %s', (more, mood, text) => expect(movingText(copy(more as Partial<CopyBody>), now)).toEqual({ mood, text }));
it.each([
  [{ phase: 'copied', files: 1, size_bytes: 5000, ended_at: ago(290) }, '1 file, 5.0 kB in 10 s'], [{ phase: 'failed', problem: 'no space is left' }, 'no space is left'], [{ phase: 'failed' }, 'no reason is known'],
  [{ phase: 'cancelled' }, 'its run was stopped first'],
] as const)('ended, %j: %s', (more, text) => expect([endedText(copy(more)), isRunning(copy(more))]).toEqual([text, false]));
it('how much of it is there', () => expect([doneOf(copy({})), doneOf(copy({ progress: { ...progress, bytes: 0, bytes_done: 0 } })), doneOf(copy({ progress: null }))]).toEqual([0.75, 0.75, null]));
