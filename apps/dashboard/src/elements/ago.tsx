// How long ago was it, as time goes on?
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { age } from '../text/amounts.ts';

export const now = signal(Date.now());
window.setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, 1000);
document.addEventListener('visibilitychange', () => (now.value = Date.now()));

export function Ago({ time }: { time: string }): JSX.Element {
  return (
    <time dateTime={time} title={new Date(time).toLocaleString()}>
      {age(time, now.value)}
    </time>
  );
}
