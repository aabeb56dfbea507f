// Which projects does somebody have?
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Page, ProjectBody } from '#contracts';
import { useResource } from '../../api/resource.ts';
import { Ago } from '../../elements/ago.tsx';
import { Copyable } from '../../elements/copyable.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { pathOf } from '../../shell/routes.ts';
import { count } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';

/** `isPart`: of the first page, which has a title and first words of its own. */
export function Projects({ user, reader, isPart = false }: { user: string; reader: string; isPart?: boolean }): JSX.Element | null {
  const { body, trouble, reload } = useResource<Page<ProjectBody>>(`/${encodeURIComponent(user)}?limit=500`, { on: ({ type }) => /^(Project|Experiment)/.test(type) });
  const title = user === reader ? 'Your projects' : `Projects of ${visible(user)}`;
  useEffect(() => void (!isPart && (document.title = `${title} · Polyaxon`)), [title]);
  if (isPart && body?.results.length === 0) return null;
  return (
    <section>
      {isPart ? <h2>{title}</h2> : <h1>{title}</h1>}
      {trouble && !body && <TroubleNote trouble={trouble} retry={reload} />}
      {!body && !trouble && <Waiting />}
      {body?.results.length === 0 && <NoProjects isReader={user === reader} />}
      {body && body.results.length > 0 && <ProjectTable projects={body.results} />}
    </section>
  );
}

function ProjectTable({ projects }: { projects: readonly ProjectBody[] }): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="Projects">
      <table class="table">
        <thead>
          <tr><th scope="col">Project</th><th scope="col" class="is-number">Runs</th><th scope="col">Changed</th><th scope="col">Description</th></tr>
        </thead>
        <tbody>
          {projects.map(({ id, user, name, num_experiments: runs, updated_at: changed, description, is_public: isPublic }) => (
            <tr key={id}>
              <th scope="row"><a href={pathOf.runs(user, name)}>{visible(name)}</a>{!isPublic && <span class="tag">private</span>}</th>
              <td class="is-number">{count(runs)}</td>
              <td><Ago time={changed} /></td>
              <td class="quiet">{visible(description ?? '')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NoProjects({ isReader }: { isReader: boolean }): JSX.Element {
  if (!isReader) return <p class="quiet">There is none that you may see.</p>;
  return (
    <div class="empty">
      <p>There is none yet. In the folder of your code:</p>
      <Copyable text={'polyaxon project create --name mnist --init\npolyaxon run -u -f polyaxonfile.yml'} label="the first run" />
    </div>
  );
}
