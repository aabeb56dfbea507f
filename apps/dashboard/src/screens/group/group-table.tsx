// How do groups look as rows?
import type { JSX } from 'preact';
import type { GroupBody, Page } from '#contracts';
import { Ago } from '../../elements/ago.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { pathOf } from '../../shell/routes.ts';
import { count } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { Progress } from './progress.tsx';
import './group.css';

interface Of {
  readonly user: string;
  readonly project: string;
}

export function GroupTable({ groups, user, project }: Of & { groups: readonly GroupBody[] }): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="Groups">
      <table class="table">
        <thead>
          <tr><th scope="col">Group</th><th scope="col">Status</th><th scope="col">Name</th><th scope="col">Search</th><th scope="col">Members</th><th scope="col">Created</th></tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={group.id}>
              <th scope="row"><a class="run-link" href={pathOf.group(user, project, group.id)}>{group.id}</a></th>
              <td><StatusMark status={group.last_status} title={group.last_status_message} /></td>
              <td>{group.name === null ? <span class="quiet">–</span> : visible(group.name)}</td>
              <td>{(group.search_algorithm ?? 'none').replaceAll('_', ' ')}</td>
              <td><Progress group={group} /></td>
              <td><Ago time={group.created_at} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Above the runs, which are then those of no group. */
export function NewestGroups({ page, user, project }: Of & { page: Page<GroupBody> }): JSX.Element {
  const more = page.count - page.results.length;
  return (
    <section class="newest-groups">
      <h2>Groups</h2>
      <GroupTable groups={page.results} user={user} project={project} />
      {more > 0 && <p><a href={pathOf.groups(user, project)}>All {count(page.count)} groups</a></p>}
    </section>
  );
}
