// What comes behind the last row, when somebody gets there?
import { Fragment, type ComponentChildren, type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ExperimentBody, Page } from '#contracts';
import { concernsList } from '../../api/happened.ts';
import { useResource } from '../../api/resource.ts';
import { visible } from '../../text/visible.ts';
import { neighbour, pathFor, type Asked } from './query.ts';

/** A page that was loaded on. */
export interface Loaded {
  readonly ids: readonly number[];
  readonly next: string | null;
}

interface Behind {
  readonly asked: Asked;
  readonly of: { readonly user: string; readonly project: string };
  /** Address of the page; null: there is nothing behind. */
  readonly next: string | null;
  /** Which of the pages behind the first it is, from 0, and how many of them are shown. */
  readonly place: number;
  readonly count: number;
  readonly columns: number;
  readonly row: (row: ExperimentBody) => ComponentChildren;
  /** Null while it isn't there. */
  readonly tell: (place: number, loaded: Loaded | null) => void;
}

/** As rows of the table, one page behind the other, each kept as it is now. When the one before it changes, so does where it begins: what was there stays until then. */
export function Further({ next, ...rest }: Behind): JSX.Element | null {
  return next === null || rest.place >= rest.count ? null : <One next={next} {...rest} />;
}

function One({ asked, of, next, place, count, columns, row, tell }: Behind & { readonly next: string }): JSX.Element {
  const former = useRef<Page<ExperimentBody>>(undefined);
  const ids = useRef<ReadonlySet<number>>(new Set());
  const { cursor = null, offset = null } = neighbour(next) ?? {};
  const { body, trouble } = useResource<Page<ExperimentBody>>(pathFor(of.user, of.project, { ...asked, cursor, offset: Number(offset ?? 0) }), {
    on: concernsList(of.user, of.project, { ids: () => ids.current, isSearched: asked.query !== '' || asked.sort !== '' }),
  });
  if (body) former.current = body;
  const page = former.current;
  ids.current = new Set(page?.results.map(({ id }) => id));
  useEffect(() => tell(place, page ? { ids: page.results.map(({ id }) => id), next: page.next } : null), [page, place]);
  useEffect(() => () => tell(place, null), [place]);
  if (!page) return <tr><td /><td colSpan={columns + 1} class="quiet">{trouble ? visible(trouble.detail) : 'Loading'}</td></tr>;
  return (
    <>
      {page.results.map((one) => <Fragment key={one.id}>{row(one)}</Fragment>)}
      <Further asked={asked} of={of} next={page.next} place={place + 1} count={count} columns={columns} row={row} tell={tell} />
    </>
  );
}

/** Seen before it is reached, so that nobody waits; a button for whoever doesn't scroll. */
export function Onward({ at, more, children }: { /** Where the list ends: it is looked again when that has moved. */ at: number; more: () => void; children: ComponentChildren }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(more);
  latest.current = more;
  useEffect(() => {
    const seen = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && latest.current(), { rootMargin: '400px' });
    if (place.current) seen.observe(place.current);
    return () => seen.disconnect();
  }, [at]);
  return <div class="onward" ref={place}><button type="button" class="button" onClick={more}>{children}</button></div>;
}
