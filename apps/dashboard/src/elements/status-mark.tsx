// How is a status shown: a shape and a word, never a colour alone?
import type { JSX } from 'preact';
import { moodOf, wordsOf, type Mood } from '../text/statuses.ts';

const shapes: Readonly<Record<Mood, JSX.Element>> = {
  waiting: <circle cx="8" cy="8" r="5.25" fill="none" stroke="currentColor" stroke-width="1.75" stroke-dasharray="3 2.5" />,
  active: (
    <>
      <circle cx="8" cy="8" r="5.25" fill="none" stroke="currentColor" stroke-width="1.5" opacity="0.45" />
      <circle cx="8" cy="8" r="3" fill="currentColor" />
    </>
  ),
  good: <path d="M3.5 8.5l3 3 6-7" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />,
  bad: <path d="M4 4l8 8M12 4l-8 8" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" />,
  off: <rect x="4" y="4" width="8" height="8" rx="1.5" fill="currentColor" />,
  doubt: <path d="M8 2.5l6 11H2zM8 6.5v3M8 11.4v.1" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" />,
};

/** `words`: of something else that has such a status. */
export function StatusMark({ status, title, words = wordsOf(status) }: { status: string; title?: string | null | undefined; words?: string }): JSX.Element {
  const mood = moodOf(status);
  return (
    <span class={`status is-${mood}`} title={title ?? undefined}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">{shapes[mood]}</svg>
      {words}
    </span>
  );
}
