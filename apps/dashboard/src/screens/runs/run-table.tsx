// How do runs look as rows?
import { Fragment, type ComponentChildren, type JSX } from 'preact';
import type { ExperimentBody, Page } from '#contracts';
import { concernsExperiment } from '../../api/happened.ts';
import { useResource } from '../../api/resource.ts';
import { now } from '../../elements/ago.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { pathOf } from '../../shell/routes.ts';
import { count } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { cellText, isNumber, nextSort, sortOf, titleOf } from './columns.ts';
import { openChainsIn, openedText } from './open-chains.ts';
import { chainPath } from './query.ts';

export interface Selecting {
  readonly selected: readonly number[];
  readonly toggle: (id: number, isRange: boolean) => void;
  readonly toggleAll: () => void;
}

interface Table extends Selecting {
  readonly rows: readonly ExperimentBody[];
  readonly columns: readonly string[];
  readonly sort: string;
  readonly isFolded: boolean;
  /** Rows of pages that were loaded on, made as these. */
  readonly further?: (row: (row: ExperimentBody) => JSX.Element) => ComponentChildren;
}

export function RunTable({ rows, columns, sort, isFolded, selected, toggle, toggleAll, further }: Table): JSX.Element {
  const open = openChainsIn(address.value);
  const areAll = rows.every(({ id }) => selected.includes(id));
  const drawn = (row: ExperimentBody) => {
    const isOpen = open.includes(row.outputs_owner_id);
    return (
      <Fragment key={row.id}>
        <Row row={row} columns={columns} isSelected={selected.includes(row.id)} toggle={toggle} isOpen={isFolded && row.id !== row.outputs_owner_id ? isOpen : null} />
        {isFolded && isOpen && <Chain newest={row} columns={columns} selected={selected} toggle={toggle} />}
      </Fragment>
    );
  };
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="Runs">
      <table class="table">
        <thead>
          <tr>
            <th scope="col" class="is-check"><label class="choose"><input type="checkbox" aria-label="All runs that are shown" checked={areAll} onChange={toggleAll} /></label></th>
            <Head column="id" title="Run" sort={sort} />
            {columns.map((column) => <Head key={column} column={column} title={titleOf(column)} sort={sort} />)}
          </tr>
        </thead>
        <tbody>
          {rows.map(drawn)}
          {further?.(drawn)}
        </tbody>
      </table>
    </div>
  );
}

function Head({ column, title, sort }: { column: string; title: string; sort: string }): JSX.Element {
  const field = sortOf(column);
  const order = sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : undefined;
  const name = visible(title);
  return (
    <th scope="col" class={isNumber(column) && column !== 'id' ? 'is-number' : undefined} aria-sort={order}>
      {field === null ? name : (
        <a class="sort" href={addressWith({ sort: nextSort(sort, field), more: null, cursor: null, offset: null })}>
          {name}
          <span aria-hidden="true">{order === 'ascending' ? ' ↑' : order === 'descending' ? ' ↓' : ''}</span>
        </a>
      )}
    </th>
  );
}

interface OneRow {
  readonly row: ExperimentBody;
  readonly columns: readonly string[];
  readonly isSelected: boolean;
  readonly toggle: Selecting['toggle'];
  /** Null: there is nothing to fold out. */
  readonly isOpen?: boolean | null;
  readonly isOlder?: boolean;
}

function Row({ row, columns, isSelected, toggle, isOpen = null, isOlder = false }: OneRow): JSX.Element {
  const [user = '', project = ''] = row.project.split('.');
  const classes = [isSelected && 'is-selected', isOlder && 'is-older'].filter(Boolean).join(' ');
  return (
    <tr class={classes || undefined} aria-selected={isSelected}>
      <td class="is-check"><label class="choose"><input type="checkbox" aria-label={`Select ${row.id}`} checked={isSelected} onClick={(event) => toggle(row.id, event.shiftKey)} /></label></td>
      <th scope="row">
        <a class="run-link" href={pathOf.experiment(user, project, row.id)} data-run={row.id}>{row.id}</a>
        {isOpen !== null && <ChainButton of={row.outputs_owner_id} isOpen={isOpen} />}
      </th>
      {columns.map((column) => (
        <td key={column} class={isNumber(column) ? 'is-number' : column === 'message' ? 'is-long' : undefined}>
          {column === 'status' ? <StatusMark status={row.last_status} title={row.last_status_message} /> : <Cell text={visible(cellText(column, row, now.value))} />}
        </td>
      ))}
    </tr>
  );
}

function ChainButton({ of, isOpen }: { of: number; isOpen: boolean }): JSX.Element {
  const turn = () => go(addressWith({ open: openedText(openChainsIn(address.value), of) }), { replace: true });
  return <button type="button" class="chain" aria-expanded={isOpen} onClick={turn} aria-label={`Runs of the chain of ${of}`}><span aria-hidden="true">{isOpen ? '▾' : '▸'} chain of {of}</span></button>;
}

/** The runs before the newest, which the list leaves out. */
function Chain({ newest, columns, selected, toggle }: { newest: ExperimentBody; columns: readonly string[] } & Pick<Selecting, 'selected' | 'toggle'>): JSX.Element {
  const [user = '', project = ''] = newest.project.split('.');
  const { body, trouble } = useResource<Page<ExperimentBody>>(chainPath(user, project, newest.outputs_owner_id), { on: concernsExperiment(newest.id) });
  const older = body?.results.filter(({ id }) => id !== newest.id) ?? [];
  const more = body ? body.count - body.results.length : 0;
  return (
    <>
      {older.map((row) => <Row key={row.id} row={row} columns={columns} isSelected={selected.includes(row.id)} toggle={toggle} isOlder />)}
      {(trouble ?? (more > 0 || !body)) && (
        <tr class="is-older">
          <td />
          <td colSpan={columns.length + 1}>
            {trouble ? visible(trouble.detail) : !body ? 'Loading' : <a href={addressWith({ q: `chain: ${newest.outputs_owner_id}`, more: null, offset: null, cursor: null })}>{count(more)} more</a>}
          </td>
        </tr>
      )}
    </>
  );
}

/** What is there counts; what isn't steps back. */
function Cell({ text }: { text: string }): JSX.Element {
  return text === '–' ? <span class="quiet">–</span> : <span class="cell">{text}</span>;
}
