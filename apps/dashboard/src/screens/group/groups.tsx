// Which groups does a project have?
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { GroupBody, Page } from '#contracts';
import { useResource } from '../../api/resource.ts';
import { Copyable } from '../../elements/copyable.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { address } from '../../shell/navigation.ts';
import { count } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { PageLinks } from '../runs/page-links.tsx';
import { askedIn, pageSize } from '../runs/query.ts';
import { concernsGroups, groupsPath } from './group-address.ts';
import { GroupTable } from './group-table.tsx';

export function Groups({ user, project }: { user: string; project: string }): JSX.Element {
  const { offset } = askedIn(address.value);
  const { body, trouble, reload } = useResource<Page<GroupBody>>(groupsPath(user, project, pageSize, offset), { on: concernsGroups });
  useEffect(() => void (document.title = `Groups of ${visible(project)} · Polyaxon`), [project]);
  return (
    <section>
      <h1>Groups</h1>
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {!body && !trouble && <Waiting />}
      {body?.count === 0 && (
        <div class="empty">
          <p>Nothing was searched here yet. A polyaxonfile of kind group makes a run for each point of its matrix:</p>
          <Copyable text="polyaxon run -u -f polyaxonfile_group.yml" label="the first group" />
        </div>
      )}
      {body && body.count > 0 && body.results.length === 0 && <p class="quiet">This page is past the end: there are {count(body.count)} groups.</p>}
      {body && body.results.length > 0 && (
        <>
          <GroupTable groups={body.results} user={user} project={project} />
          <PageLinks previous={body.previous} next={body.next} total={body.count} offset={offset}>{count(offset + 1)}–{count(offset + body.results.length)} of {count(body.count)}</PageLinks>
        </>
      )}
    </section>
  );
}
