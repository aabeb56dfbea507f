// Where in the list is the reader, and how do they come to any other place of it?
import type { ComponentChildren, JSX } from 'preact';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { count } from '../../text/amounts.ts';
import { askedIn, neighbour, pageSize } from './query.ts';

interface Links {
  readonly previous: string | null;
  readonly next: string | null;
  readonly total: number;
  readonly offset: number;
  readonly children?: ComponentChildren;
}

export function PageLinks({ previous, next, total, offset, children }: Links): JSX.Element {
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const page = Math.trunc(Number(new FormData(event.currentTarget as HTMLFormElement).get('page')));
    if (page >= 1) go(addressWith({ more: null, cursor: null, offset: page === 1 ? null : String((Math.min(page, pages) - 1) * pageSize) }));
  };
  const sorted = askedIn(address.value).sort !== '';
  return (
    <div class="pages">
      <span class="figures">{children}</span>
      <nav aria-label="Pages">
        {pages > 1 && (
          <form onSubmit={submit}>
            <label>Page <input name="page" type="number" min={1} max={pages} key={offset} defaultValue={String(Math.floor(offset / pageSize) + 1)} /></label> of {count(pages)}
          </form>
        )}
        {previous && <a class="button" rel="prev" href={addressWith({ more: null, ...neighbour(previous) })}>{sorted ? 'Before' : 'Newer'}</a>}
        {next && <a class="button" rel="next" href={addressWith({ more: null, ...neighbour(next) })}>{sorted ? 'After' : 'Older'}</a>}
      </nav>
    </div>
  );
}
