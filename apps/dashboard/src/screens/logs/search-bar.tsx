// How is something found in a log?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { addressWith, go } from '../../shell/navigation.ts';
import { count, plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { type LogHits, type Searched } from './log-hits.ts';

interface Bar {
  readonly searched: Searched | null;
  readonly hits: LogHits | null;
  /** Of the log as it is now. */
  readonly lines: number;
  readonly step: (by: 1 | -1) => void;
}

export function SearchBar({ searched, hits, lines, step }: Bar): JSX.Element {
  const written = useSignal(searched?.text ?? '');
  useEffect(() => void (written.value = searched?.text ?? ''), [searched?.text]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = written.value;
    if (text === searched?.text && form.has('regex') === searched.isExpression && form.has('case') === searched.matchesCase) return step(1);
    go(addressWith({ find: text, regex: form.has('regex') ? '1' : null, case: form.has('case') ? '1' : null }).replace(/#.*$/, ''), { replace: true });
  };
  const why = hits?.trouble.value ? 'log-problem' : 'log-found';
  return (
    <form class="log-search" role="search" onSubmit={submit}>
      <label class="unseen" for="log-search">Search the log</label>
      <input id="log-search" type="search" autoComplete="off" spellcheck={false} placeholder="Search all of it" value={written.value} onInput={(event) => (written.value = event.currentTarget.value)} />
      <label class="check"><input type="checkbox" name="regex" checked={searched?.isExpression ?? false} onChange={resubmit} /> expression</label>
      <label class="check"><input type="checkbox" name="case" checked={searched?.matchesCase ?? false} onChange={resubmit} /> Aa</label>
      {hits && (
        <>
          <button type="button" class="button is-small" onClick={() => step(-1)} aria-disabled={!hits.count.value} aria-describedby={why}>Before</button>
          <button type="submit" class="button is-small" aria-disabled={!hits.count.value} aria-describedby={why}>Next</button>
        </>
      )}
      <span id="log-found" class="figures log-found" role="status">{hits && foundText(hits)}</span>
      {hits?.count.value !== null && hits && lines > hits.lines.value && (
        <button type="button" class="button is-small" onClick={() => void hits.look()}>{plural(lines - hits.lines.value, 'line')} came since: search on</button>
      )}
      {hits?.trouble.value && <p id="log-problem" class="search-problem" role="alert">{visible(hits.trouble.value.detail)}</p>}
    </form>
  );
}

function foundText({ count: found, at, lines, isLooking }: LogHits): string {
  if (found.value === null) return isLooking.value ? 'searching …' : '';
  if (found.value === 0) return `in none of ${plural(lines.value, 'line')}`;
  return `${at.value < 0 ? '' : `${count(at.value + 1)} of `}${plural(found.value, 'line')}`;
}

function resubmit(event: Event): void {
  (event.currentTarget as HTMLInputElement).form?.requestSubmit();
}
