// Which files of code and outputs differ between two of the runs?
import type { JSX } from 'preact';
import type { ExperimentBody, ExperimentComparison, FilesComparison } from '#contracts';
import { useResource } from '../../api/resource.ts';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { bytes, count } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { apiPath } from '../experiment/address.ts';

const listedMax = 100;

/** Of the first run, and one other at a time: outputs may be many files. */
export function FilesBeside({ runs }: { runs: readonly ExperimentBody[] }): JSX.Element | null {
  const [first, ...others] = runs;
  const asked = Number(address.value.searchParams.get('with'));
  const other = others.find(({ id }) => id === asked) ?? others[0];
  const [user = '', project = ''] = first?.project.split('.') ?? [];
  const { body, trouble, reload } = useResource<ExperimentComparison>(first && other ? `${apiPath({ user, project, id: first.id })}/diff?with=${other.id}` : null);
  if (!first || !other) return null;
  return (
    <section class="files-beside">
      <h2>
        Files of #{first.id} and #{other.id}
      </h2>
      {others.length > 1 && (
        <label>
          Beside #{first.id}{' '}
          <select value={String(other.id)} onChange={(event) => go(addressWith({ with: event.currentTarget.value }), { replace: true })}>
            {others.map(({ id }) => (
              <option key={id} value={String(id)}>
                #{id}
              </option>
            ))}
          </select>
        </label>
      )}
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {!body && !trouble && <Waiting rows={2} />}
      {body && (
        <>
          <Beside
            title="Code"
            files={body.code.files}
            otherwise={
              body.code.before === body.code.after
                ? body.code.before === null
                  ? 'Both run what is on the machine.'
                  : 'Both run the same upload.'
                : 'One of the uploads isn’t stored here any more.'
            }
          />
          <Beside title="Outputs" files={body.outputs.files} otherwise="Both have one outputs path: one of them resumes the other." />
        </>
      )}
    </section>
  );
}

function Beside({ title, files, otherwise }: { title: string; files: FilesComparison | null; otherwise: string }): JSX.Element {
  if (!files) return <p><strong>{title}.</strong> {otherwise}</p>;
  const counts = (['added', 'removed', 'changed', 'unknown', 'same'] as const)
    .filter((change) => files[change] > 0)
    .map((change) => `${count(files[change])} ${change === 'unknown' ? 'of equal size, too large to compare' : change}`);
  return (
    <>
      <p><strong>{title}.</strong> {counts.join(', ') || 'Neither has a file'}.</p>
      {files.files.length > 0 && (
        <details>
          <summary>Files of {title.toLowerCase()} that differ</summary>
          <ul class="mono">
            {files.files.slice(0, listedMax).map(({ path, change, before_bytes: before, after_bytes: after }) => (
              <li key={path}>{change}: {visible(path)} <span class="quiet">{before === null ? 'not there' : bytes(before)} → {after === null ? 'not there' : bytes(after)}</span></li>
            ))}
          </ul>
          {files.files.length > listedMax && <p class="quiet">The first {listedMax} are listed here.</p>}
        </details>
      )}
    </>
  );
}
