// Which of my runs is alive, which is best, which died?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ExperimentBody, GroupBody, Page } from '#contracts';
import { concernsList } from '../../api/happened.ts';
import { useResource } from '../../api/resource.ts';
import { Copyable } from '../../elements/copyable.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { useKeys } from '../../shell/keys.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { count } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { concernsGroups, groupsPath } from '../group/group-address.ts';
import { NewestGroups } from '../group/group-table.tsx';
import { verbIn } from '../plan/verbs.ts';
import { columnsIn, columnsText, offeredColumns } from './columns.ts';
import { ColumnChoice } from './column-choice.tsx';
import { BulkSheet } from './bulk-sheet.tsx';
import { PageLinks } from './page-links.tsx';
import { Further, Onward, type Loaded } from './further.tsx';
import { askedIn, moreMax, pageSize, pathFor, type Asked } from './query.ts';
import { RunTable } from './run-table.tsx';
import { SearchBox } from './search-box.tsx';
import { selectedIn, selectedText, toggled, toggledAll, withRange } from './selection.ts';
import { SelectionBar } from './selection-bar.tsx';
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
  const groups = useResource<Page<GroupBody>>(asked.isFolded ? groupsPath(user, project, 3) : null, { on: concernsGroups });
  const rows = body?.results ?? [];
  ids.current = new Set(rows.map(({ id }) => id));
  useEffect(() => void (hasLive.value = rows.some((row) => !isOver.has(row.last_status))), [body]);
  useEffect(() => void (document.title = `${titleText(rows)}${project} · Polyaxon`), [body, project]);
  useKeys({ '/': ['search', () => document.querySelector<HTMLInputElement>('#search')?.focus()], j: ['next run', () => step(1)], k: ['run before', () => step(-1)] });
  const isBadQuery = trouble?.code === 'request-invalid';
  const verb = verbIn(address.value.searchParams.get('do'));
  const selected = selectedIn(address.value);
  const choose = (chosen: readonly string[]) => go(addressWith({ columns: columnsText(chosen) }), { replace: true });
  return (
    <section class="runs">
      <div class="runs-head">
        <h1>Runs</h1>
        <SearchBox query={asked.query} problem={isBadQuery ? trouble.detail : undefined} rows={rows} />
        <ColumnChoice offered={offeredColumns(rows, columns)} chosen={columns} choose={choose} />
      </div>
      {groups.body && groups.body.count > 0 && <NewestGroups page={groups.body} user={user} project={project} />}
      {trouble && !isBadQuery && <TroubleNote trouble={trouble} retry={reload} />}
      {!body && !trouble && <Waiting rows={12} />}
      {body && !isBadQuery && body.results.length === 0 && <NoRuns asked={asked} total={body.count} hasGroups={(groups.body?.count ?? 0) > 0} />}
      {body && !isBadQuery && body.results.length > 0 && <Found key={pathFor(user, project, asked)} page={body} asked={asked} of={{ user, project }} columns={columns} />}
      <SelectionBar selected={selected} />
      {verb && verb !== 'copy' && selected.length > 0 && <BulkSheet key={verb} verb={verb} ids={selected} project={{ user, project }} />}
    </section>
  );
}

interface FoundPage {
  readonly page: Page<ExperimentBody>;
  readonly asked: Asked;
  readonly of: { readonly user: string; readonly project: string };
  readonly columns: readonly string[];
}

function Found({ page, asked, of, columns }: FoundPage): JSX.Element {
  const isHeld = useSignal(false);
  const isAskedFor = useRef(false);
  const before = useRef<readonly ExperimentBody[]>([]);
  const selected = selectedIn(address.value);
  const { rows, held } = shownRows(before.current, page.results, (isHeld.value || selected.length > 0) && !isAskedFor.current);
  before.current = rows;
  isAskedFor.current = false;
  const redraw = useSignal(0);
  void redraw.value;
  const refresh = () => {
    isAskedFor.current = true;
    redraw.value += 1;
  };
  const begins = useRef(page.next);
  if (held === 0) begins.current = page.next; // what is behind moves with these
  const loaded = useSignal<ReadonlyMap<number, Loaded>>(new Map());
  const tell = (place: number, one: Loaded | null) => {
    const known = new Map(loaded.peek());
    if (one) known.set(place, one);
    else known.delete(place);
    loaded.value = known;
  };
  const behind = Array.from({ length: asked.more }, (_, place) => loaded.value.get(place)).filter((one) => one !== undefined);
  const next = asked.more === 0 ? page.next : (loaded.value.get(asked.more - 1)?.next ?? null);
  const goOn = () => next !== null && asked.more < moreMax && go(addressWith({ more: String(asked.more + 1) }), { replace: true });
  const shown = [...rows.map(({ id }) => id), ...behind.flatMap(({ ids }) => ids)];
  const select = (next: readonly number[]) => go(addressWith({ selected: selectedText(next) }), { replace: true });
  const toggle = (id: number, isRange: boolean) => select(isRange ? withRange(selected, shown, id) : toggled(selected, id));
  useKeys({
    x: ['choose the run, or not', () => focusedRun() !== null && toggle(focusedRun() ?? 0, false)],
    c: ['compare the chosen runs', () => selected.length > 1 && go(`/app/compare?ids=${selected.join(',')}`)],
  });
  const first = asked.offset + 1;
  return (
    <>
      <div onPointerEnter={() => (isHeld.value = true)} onPointerLeave={() => (isHeld.value = false)} onFocusCapture={() => (isHeld.value = true)} onBlurCapture={() => (isHeld.value = false)}>
        <RunTable rows={rows} columns={columns} sort={asked.sort} isFolded={asked.isFolded} selected={selected} toggle={toggle} toggleAll={() => select(toggledAll(selected, shown))}
          further={(row) => <Further asked={asked} of={of} next={begins.current} place={0} count={asked.more} columns={columns.length} row={row} tell={tell} />} />
      </div>
      {next !== null && asked.more < moreMax && <Onward at={shown.length} more={goOn}>Show {pageSize} more</Onward>}
      <PageLinks previous={page.previous} next={next} total={page.count} offset={asked.offset}>
        <span role="status">{count(first)}–{count(first + shown.length - 1)} of {count(page.count)}</span>
        {held > 0 && <button type="button" class="button is-small held" onClick={refresh}>{count(held)} changed: refresh the order</button>}
        <FoldLink isFolded={asked.isFolded} />
      </PageLinks>
    </>
  );
}

/** What is folded away is said, and a click away. */
function FoldLink({ isFolded }: { isFolded: boolean }): JSX.Element {
  const to = addressWith({ fold: isFolded ? '0' : '1', more: null, cursor: null, offset: null, open: null });
  return <a class="button is-small held" href={to}>{isFolded ? 'Show also resumed runs and members of groups' : 'Fold chains and groups'}</a>;
}

function NoRuns({ asked, total, hasGroups }: { asked: Asked; total: number; hasGroups: boolean }): JSX.Element {
  if (asked.offset > 0 && total > 0)
    return (
      <div class="empty">
        <p>This page is past the end: there are {count(total)} runs, {pageSize} a page.</p>
        <a class="button" href={addressWith({ more: null, cursor: null, offset: null })}>To the first page</a>
      </div>
    );
  if (asked.isFolded && hasGroups && !asked.query) return <div class="empty"><p>All runs are members of groups.</p><FoldLink isFolded /></div>;
  if (asked.query)
    return (
      <div class="empty">
        <p>No run matches <code>{visible(asked.query)}</code>{asked.isFolded && ' that is the newest of its chain and in no group'}.</p>
        <a class="button" href={addressWith({ q: null, more: null, cursor: null, offset: null })}>Show all runs</a>
      </div>
    );
  return (
    <div class="empty">
      <p>Nothing was run here yet. In the folder of your code:</p>
      <Copyable text="polyaxon run -u -f polyaxonfile.yml" label="the first run" />
    </div>
  );
}

function focusedRun(): number | null {
  const { run } = (document.activeElement as HTMLElement | null)?.closest('tr')?.querySelector<HTMLElement>('.run-link')?.dataset ?? {};
  return run === undefined ? null : Number(run);
}

function step(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('.run-link')];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  const beyond = at >= 0 && (by === 1 ? at === links.length - 1 : at === 0); // there it goes on, or the page before begins
  if (beyond) return document.querySelector<HTMLElement>(by === 1 ? '.onward button, .pages a[rel="next"]' : '.pages a[rel="prev"]')?.click();
  links[Math.min(links.length - 1, Math.max(0, at < 0 ? 0 : at + by))]?.focus();
}

/** What somebody sees of this tab among twenty others. */
function titleText(rows: readonly ExperimentBody[]): string {
  const running = rows.filter((row) => row.last_status === 'running').length;
  return running > 0 ? `${running} running · ` : '';
}
