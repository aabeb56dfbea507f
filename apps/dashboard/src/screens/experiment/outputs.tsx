// Which files did it leave?
import type { JSX } from 'preact';
import type { ExperimentBody, OutputsTreeBody } from '#contracts';
import { concernsExperiment } from '../../api/happened.ts';
import { useResource } from '../../api/resource.ts';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { address, addressWith } from '../../shell/navigation.ts';
import { bytes } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { apiPath, type Which } from './address.ts';

export function Outputs({ which, experiment }: { which: Which; experiment: ExperimentBody }): JSX.Element {
  const folder = address.value.searchParams.get('path') ?? '';
  const { body, trouble, reload } = useResource<OutputsTreeBody>(`${apiPath(which)}/outputs/tree?${new URLSearchParams({ path: folder }).toString()}`, { on: concernsExperiment(which.id) });
  return (
    <section>
      <div class="outputs-head">
        <Folders folder={folder} path={experiment.outputs_path} />
        <a class="button is-small" href={`/api/v1${apiPath(which)}/outputs/download`} download>Download all</a>
      </div>
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {!body && !trouble && <Waiting />}
      {body && body.dirs.length + body.files.length === 0 && <p class="quiet">There is nothing in this folder.</p>}
      {body && body.dirs.length + body.files.length > 0 && <Files which={which} folder={folder} tree={body} />}
    </section>
  );
}

function Files({ which, folder, tree: { dirs, files } }: { which: Which; folder: string; tree: OutputsTreeBody }): JSX.Element {
  const within = (name: string) => (folder === '' ? name : `${folder}/${name}`);
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="Files">
      <table class="table">
        <thead><tr><th scope="col">Name</th><th scope="col" class="is-number">Size</th></tr></thead>
        <tbody>
          {dirs.map((name) => (
            <tr key={`${name}/`}><th scope="row"><a href={addressWith({ path: within(name) })}>{visible(name)}/</a></th><td class="is-number quiet">folder</td></tr>
          ))}
          {files.map(([name, size]) => (
            <tr key={name}>
              <th scope="row"><a href={`/api/v1${apiPath(which)}/outputs/files?${new URLSearchParams({ path: within(name) }).toString()}`} download={name}>{visible(name)}</a></th>
              <td class="is-number">{bytes(size)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Folders({ folder, path }: { folder: string; path: string }): JSX.Element {
  const names = folder.split('/').filter((name) => name !== '');
  return (
    <p class="mono folders">
      <a href={addressWith({ path: null })}>{visible(path)}</a>
      {names.map((name, index) => (
        <span key={index}> / <a href={addressWith({ path: names.slice(0, index + 1).join('/') })}>{visible(name)}</a></span>
      ))}
    </p>
  );
}
