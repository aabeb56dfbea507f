// What can be done with the runs that were chosen?
import type { JSX } from 'preact';
import { addressWith } from '../../shell/navigation.ts';
import { plural } from '../../text/amounts.ts';
import { wordOf } from '../plan/verbs.ts';
import { selectedMax } from './selection.ts';

const bulkVerbs = ['resume', 'stop', 'restart'] as const;

export function SelectionBar({ selected }: { selected: readonly number[] }): JSX.Element | null {
  if (selected.length === 0) return null;
  return (
    <div class="selection" role="region" aria-label="Chosen runs">
      <strong role="status">{plural(selected.length, 'run')} chosen{selected.length === selectedMax ? ', which is as many as can be' : ''}</strong>
      {selected.length > 1 ? <a class="button is-small" href={`/app/compare?ids=${selected.join(',')}`}>Compare</a> : <span class="quiet">one more to compare</span>}
      {bulkVerbs.map((verb) => <a key={verb} class="button is-small" href={addressWith({ do: verb })} data-verb={verb}>{wordOf[verb]} …</a>)}
      <a class="button is-small is-plain" href={addressWith({ selected: null })}>Choose none</a>
    </div>
  );
}
