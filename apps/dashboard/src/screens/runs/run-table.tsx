// How do runs look as rows?
import type { JSX } from 'preact';
import type { ExperimentBody } from '#contracts';
import { now } from '../../elements/ago.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { addressWith } from '../../shell/navigation.ts';
import { pathOf } from '../../shell/routes.ts';
import { visible } from '../../text/visible.ts';
import { cellText, isNumber, nextSort, sortOf, titleOf } from './columns.ts';

export function RunTable({ rows, columns, sort }: { rows: readonly ExperimentBody[]; columns: readonly string[]; sort: string }): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="Runs">
      <table class="table">
        <thead>
          <tr>
            <Head column="id" title="Run" sort={sort} />
            {columns.map((column) => <Head key={column} column={column} title={titleOf(column)} sort={sort} />)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => <Row key={row.id} row={row} columns={columns} />)}
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
        <a class="sort" href={addressWith({ sort: nextSort(sort, field), cursor: null, offset: null })}>
          {name}
          <span aria-hidden="true">{order === 'ascending' ? ' ↑' : order === 'descending' ? ' ↓' : ''}</span>
        </a>
      )}
    </th>
  );
}

function Row({ row, columns }: { row: ExperimentBody; columns: readonly string[] }): JSX.Element {
  const [user = '', project = ''] = row.project.split('.');
  return (
    <tr>
      <th scope="row"><a class="run-link" href={pathOf.experiment(user, project, row.id)}>{row.id}</a></th>
      {columns.map((column) => (
        <td key={column} class={isNumber(column) ? 'is-number' : column === 'message' ? 'is-long' : undefined}>
          {column === 'status' ? <StatusMark status={row.last_status} title={row.last_status_message} /> : <Cell text={visible(cellText(column, row, now.value))} />}
        </td>
      ))}
    </tr>
  );
}

/** What is there counts; what isn't steps back. */
function Cell({ text }: { text: string }): JSX.Element {
  return text === '–' ? <span class="quiet">–</span> : <span class="cell">{text}</span>;
}
