// How far is a search?
import type { JSX } from 'preact';
import type { GroupBody } from '#contracts';
import { count } from '../../text/amounts.ts';

const states = ['succeeded', 'failed', 'stopped', 'running', 'scheduled', 'pending'] as const;

/** The words say the same as the bar. */
export function Progress({ group }: { group: GroupBody }): JSX.Element {
  const counted = states.map((state) => ({ state, members: group[`num_${state}_experiments`] })).filter(({ members }) => members > 0);
  return (
    <span class="progress">
      <span class="progress-bar" aria-hidden="true">{counted.map(({ state, members }) => <span key={state} class={`is-${state}`} style={{ flexGrow: members }} />)}</span>
      <span>{count(group.num_experiments)}{counted.length > 0 && `: ${counted.map(({ state, members }) => `${count(members)} ${state}`).join(', ')}`}</span>
    </span>
  );
}
