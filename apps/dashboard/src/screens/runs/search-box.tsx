// How is a run found?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ExperimentBody } from '#contracts';
import { addressWith, go } from '../../shell/navigation.ts';
import { visible } from '../../text/visible.ts';
import { offeredColumns } from './columns.ts';
import { completions } from './query.ts';

export function SearchBox({ query, problem, rows }: { query: string; problem: string | undefined; rows: readonly ExperimentBody[] }): JSX.Element {
  const written = useSignal(query);
  useEffect(() => void (written.value = query), [query]);
  const names = offeredColumns(rows, []).filter((name) => name.includes('.'));
  const submit = (event: Event) => {
    event.preventDefault();
    go(addressWith({ q: written.value.trim(), more: null, cursor: null, offset: null }));
  };
  return (
    <form class="search" role="search" onSubmit={submit}>
      <label class="unseen" for="search">Search runs</label>
      <input
        id="search" type="search" list="search-completions" autoComplete="off" spellcheck={false} placeholder="status: running|failed, metrics.loss: <=0.1" value={written.value}
        aria-invalid={problem ? 'true' : undefined} aria-describedby={problem ? 'search-problem' : undefined} onInput={(event) => (written.value = event.currentTarget.value)} onChange={submit}
      />
      <datalist id="search-completions">
        {completions(written.value, names).slice(0, 12).map((one) => <option key={one} value={one} />)}
      </datalist>
      {problem && <p id="search-problem" class="search-problem" role="alert">{visible(problem)}</p>}
    </form>
  );
}
