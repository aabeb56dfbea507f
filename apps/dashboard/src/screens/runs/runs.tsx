// Which of my runs is alive, which is best, which died?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ExperimentBody, Page } from '#contracts';
import { concernsList } from '../../api/happened.ts';
import { useResource } from '../../api/resource.ts';
import { Copyable } from '../../elements/copyable.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { useKeys } from '../../shell/keys.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { count } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { columnsIn, columnsText, offeredColumns } from './columns.ts';
import { ColumnChoice } from './column-choice.tsx';
import { askedIn, neighbour, pageSize, pathFor, type Asked } from './query.ts';
import { RunTable } from './run-table.tsx';
import { SearchBox } from './search-box.tsx';
import { shownRows } from './shown-rows.ts';
import './runs.css';

/** Metrics are no events: while something runs they are asked for. */
const metricsEveryMs = 5000;
const isOver = new Set(['succeeded', 'failed', 'stopped', 'upstream_failed', 'skipped']);

export function Runs({ user, project }: { user: string; project: string }): JSX.Element {
  const asked = askedIn(address.value);
  const columns = columnsIn(address.value.searchParams.get('columns'));
  const ids = useRef<ReadonlySet<number>>(new Set());
  const hasLive = useSignal(false);
  const { body, trouble, reload } = useResource<Page<ExperimentBody>>(pathFor(user, project, asked), {
    on: concernsList(user, project, { ids: () => ids.current, isSearched: asked.query !== '' || asked.sort !== '' }), everyMs: hasLive.value ? metricsEveryMs : undefined,
  });
  const rows = body?.results ?? [];
  ids.current = new Set(rows.map(({ id }) => id));
  useEffect(() => void (hasLive.value = rows.some((row) => !isOver.has(row.last_status))), [body]);
  useEffect(() => void (document.title = `${titleText(rows)}${project} · Polyaxon`), [body, project]);
  useKeys({ '/': ['search', () => document.querySelector<HTMLInputElement>('#search')?.focus()], j: ['next run', () => step(1)], k: ['run before', () => step(-1)] });
  const isBadQuery = trouble?.code === 'request-invalid';
  const choose = (chosen: readonly string[]) => go(addressWith({ columns: columnsText(chosen) }), { replace: true });
  return (
    <section class="runs">
      <div class="runs-head">
        <h1>Runs</h1>
        <SearchBox query={asked.query} problem={isBadQuery ? trouble.detail : undefined} rows={rows} />
        <ColumnChoice offered={offeredColumns(rows, columns)} chosen={columns} choose={choose} />
      </div>
      {trouble && !isBadQuery && <TroubleNote trouble={trouble} retry={reload} />}
      {!body && !trouble && <Waiting rows={12} />}
      {body && !isBadQuery && body.results.length === 0 && <NoRuns asked={asked} total={body.count} />}
      {body && !isBadQuery && body.results.length > 0 && <Found key={pathFor(user, project, asked)} page={body} asked={asked} columns={columns} />}
    </section>
  );
}

function Found({ page, asked, columns }: { page: Page<ExperimentBody>; asked: Asked; columns: readonly string[] }): JSX.Element {
  const isHeld = useSignal(false);
  const before = useRef<readonly ExperimentBody[]>([]);
  const { rows, held } = shownRows(before.current, page.results, isHeld.value);
  before.current = rows;
  const first = asked.offset + 1;
  return (
    <>
      <div onPointerEnter={() => (isHeld.value = true)} onPointerLeave={() => (isHeld.value = false)} onFocusCapture={() => (isHeld.value = true)} onBlurCapture={() => (isHeld.value = false)}>
        <RunTable rows={rows} columns={columns} sort={asked.sort} />
      </div>
      <div class="pages">
        <span class="figures" role="status">
          {count(first)}–{count(first + rows.length - 1)} of {count(page.count)}
          {held > 0 && <button type="button" class="button is-small held" onClick={() => (isHeld.value = false)}>{count(held)} changed: show</button>}
        </span>
        <nav aria-label="Pages">
          <PageLink address={page.previous} rel="prev">Newer</PageLink>
          <PageLink address={page.next} rel="next">Older</PageLink>
        </nav>
      </div>
    </>
  );
}

function PageLink({ address: of, rel, children }: { address: string | null; rel: 'prev' | 'next'; children: string }): JSX.Element | null {
  const place = neighbour(of);
  const words = askedIn(address.value).sort ? { prev: 'Before', next: 'After' }[rel] : children;
  return place && <a class="button" rel={rel} href={addressWith({ ...place })}>{words}</a>;
}

function NoRuns({ asked, total }: { asked: Asked; total: number }): JSX.Element {
  if (asked.offset > 0 && total > 0)
    return (
      <div class="empty">
        <p>This page is past the end: there are {count(total)} runs, {pageSize} a page.</p>
        <a class="button" href={addressWith({ cursor: null, offset: null })}>To the first page</a>
      </div>
    );
  if (asked.query)
    return (
      <div class="empty">
        <p>No run matches <code>{visible(asked.query)}</code>.</p>
        <a class="button" href={addressWith({ q: null, cursor: null, offset: null })}>Show all runs</a>
      </div>
    );
  return (
    <div class="empty">
      <p>Nothing was run here yet. In the folder of your code:</p>
      <Copyable text="polyaxon run -u -f polyaxonfile.yml" label="the first run" />
    </div>
  );
}

function step(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('.run-link')];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  links[Math.min(links.length - 1, Math.max(0, at < 0 ? 0 : at + by))]?.focus();
}

/** What somebody sees of this tab among twenty others. */
function titleText(rows: readonly ExperimentBody[]): string {
  const running = rows.filter((row) => row.last_status === 'running').length;
  return running > 0 ? `${running} running · ` : '';
}
