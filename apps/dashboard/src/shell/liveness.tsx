// Is what is shown as of now, and if not, how old is it?
import type { JSX } from 'preact';
import { heardAt, liveness } from '../api/live.ts';
import { now } from '../elements/ago.tsx';
import { duration } from '../text/amounts.ts';

const words = { connecting: 'connecting', live: 'live', away: 'offline' } as const;

export function LiveChip(): JSX.Element {
  return (
    <span class={`live is-${liveness.value}`} role="status" title={liveness.value === 'live' ? 'What happens is shown as it happens' : undefined}>
      <span class="live-dot" aria-hidden="true" />
      {words[liveness.value]}
    </span>
  );
}

export function AwayBanner(): JSX.Element | null {
  if (liveness.value !== 'away') return null;
  return (
    <div class="banner">
      The platform does not answer. What you see is {duration(now.value - heardAt.value)} old; it goes on by itself when the platform is back.
    </div>
  );
}
