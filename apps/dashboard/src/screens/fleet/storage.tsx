// Whose outputs take how much room?
import type { JSX } from 'preact';
import type { StorageHeldBody } from '#contracts';
import { useResource } from '../../api/resource.ts';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { pathOf } from '../../shell/routes.ts';
import { bytes, count, plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { Section, Table } from './section.tsx';

/** Outputs are walked through for it, a few at a time. */
const everyMs = 5000;

/** Asked for by itself: the rest of the page does not wait for it. */
export function Storage(): JSX.Element {
  const { body, trouble, reload } = useResource<StorageHeldBody>('/admin/storage', { everyMs });
  return (
    <Section title="Room that outputs take">
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {!body && !trouble && <Waiting rows={3} />}
      {body && <Held held={body} />}
    </Section>
  );
}

function Held({ held }: { held: StorageHeldBody }): JSX.Element {
  if (held.outputs === 0) return <p class="quiet">Nobody has outputs.</p>;
  return (
    <>
      <p>{summaryOf(held)}</p>
      {held.problem !== null && <p class="note is-doubt">{visible(held.problem)}.</p>}
      <Table label="Room by holder" columns={['Project', 'Takes', 'Share', 'Files', 'Outputs', 'Biggest']}>
        {held.holders.map((one) => (
          <tr key={`${one.user}/${one.project}`}>
            <th scope="row"><a href={pathOf.runs(one.user, one.project)}>{visible(`${one.user}/${one.project}`)}</a></th>
            <td>{bytes(one.size_bytes)}</td>
            <td>{held.size_bytes === 0 ? '–' : `${Math.round((100 * one.size_bytes) / held.size_bytes)} %`}</td>
            <td>{count(one.files)}</td>
            <td>{one.measured < one.outputs ? `${count(one.measured)} of ${count(one.outputs)}` : count(one.outputs)}</td>
            <td>
              {one.biggest.map(({ id, size_bytes: size }) => (
                <span key={id} class="fleet-big"><a class="fleet-run" href={pathOf.experiment(one.user, one.project, id, 'outputs')}>#{id}</a> {bytes(size)}</span>
              ))}
            </td>
          </tr>
        ))}
      </Table>
      <p class="quiet small">
        {held.others > 0 && `${plural(held.others, 'project')} with less ${held.others === 1 ? 'is' : 'are'} not named here. `}
        An original and its resumes share one outputs path, and count once. <code>polyaxon project -p USER/PROJECT retention --keep-last 5</code> says what could be freed.
      </p>
    </>
  );
}

function summaryOf({ outputs, measured, size_bytes: size }: StorageHeldBody): string {
  if (measured === 0) return `${plural(outputs, 'outputs path')}, none measured yet.`;
  return `${bytes(size)} in ${plural(measured, 'outputs path')}${measured < outputs ? ` of ${count(outputs)}: the rest is not measured yet` : ''}.`;
}
