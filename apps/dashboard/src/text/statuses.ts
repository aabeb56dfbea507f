// What does a status mean to somebody who looks for a second?

export type Mood = 'waiting' | 'active' | 'good' | 'bad' | 'off' | 'doubt';

const moods: Readonly<Record<string, Mood>> = {
  created: 'waiting', copying: 'waiting', building: 'active', scheduled: 'waiting', starting: 'active', running: 'active', resuming: 'waiting',
  done: 'good', stopping: 'active', warning: 'doubt', unschedulable: 'doubt', unknown: 'doubt', succeeded: 'good', failed: 'bad', upstream_failed: 'bad', stopped: 'off', skipped: 'off',
};

export function moodOf(status: string): Mood {
  return moods[status] ?? 'doubt';
}

export function wordsOf(status: string): string {
  return status.replaceAll('_', ' ');
}
