// What is there while nothing is there yet?
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Only when it takes longer than a blink. */
const afterMs = 250;

export function Waiting({ rows = 6 }: { rows?: number }): JSX.Element {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLong(true), afterMs);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <div class={`waiting ${isLong ? 'is-shown' : ''}`} role="status">
      <span class="unseen">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        <div class="waiting-row" key={row} aria-hidden="true" />
      ))}
    </div>
  );
}
