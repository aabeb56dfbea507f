// How far is the search, what is best so far, and which way led there?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { isGroupDone, type ExperimentBody, type GroupBody, type Page } from '#contracts';
import { useResource } from '../../api/resource.ts';
import { Ago } from '../../elements/ago.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { useKeys } from '../../shell/keys.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { pathOf } from '../../shell/routes.ts';
import { count, measure } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { concernsGroups, groupPath, membersMax, membersPath, type GroupAddress } from './group-address.ts';
import { GroupSheet } from './group-sheet.tsx';
import { MembersTable } from './members-table.tsx';
import { Parallel } from './parallel.tsx';
import { Progress } from './progress.tsx';
import { axesOf, bestOf, judgedBy, metricsOf, paramsOf, ranked, summaryOf, type Judged } from './search-space.ts';
import './group.css';

/** Metrics are no events: while members run they are asked for. */
const metricsEveryMs = 5000;

export function Group({ user, project, id }: GroupAddress): JSX.Element {
  const which = { user, project, id };
  const known = useResource<GroupBody>(groupPath(which), { on: concernsGroups });
  const isLive = known.body !== undefined && !isGroupDone(known.body.last_status);
  const asked = { metric: address.value.searchParams.get('metric'), direction: address.value.searchParams.get('best') };
  const first = known.body ? judgedBy(known.body, [], asked) : null;
  const sort = first?.metric ? `${first.direction === 'max' ? '-' : ''}metrics.${/[,:".]/.test(first.metric) ? JSON.stringify(first.metric) : first.metric}` : null;
  const members = useResource<Page<ExperimentBody>>(known.body ? membersPath(which, sort) : null, { on: concernsGroups, everyMs: isLive ? metricsEveryMs : undefined });
  const verb = address.value.searchParams.get('do');
  useEffect(() => void (document.title = known.body ? `Group ${id} ${known.body.last_status} · ${project}` : `Group ${id} · ${project}`), [known.body]);
  useKeys({ r: ['resume', () => go(addressWith({ do: 'resume' }))], s: ['stop', () => go(addressWith({ do: 'stop' }))], u: ['up to the groups', () => go(pathOf.groups(user, project))] });
  if (!known.body) return known.trouble ? <section class="empty"><h1>Group {id}</h1><TroubleNote trouble={known.trouble} retry={known.reload} /></section> : <Waiting />;
  return (
    <article class="group">
      <GroupHead group={known.body} />
      {known.trouble && <TroubleNote title="This may be old." trouble={known.trouble} retry={known.reload} />}
      {members.trouble && <TroubleNote trouble={members.trouble} retry={members.reload} />}
      {members.body && <Search group={known.body} page={members.body} judged={judgedBy(known.body, members.body.results, asked)} sortedBy={sort !== null} />}
      {(verb === 'stop' || verb === 'resume') && <GroupSheet key={verb} verb={verb} group={known.body} which={which} />}
    </article>
  );
}

function GroupHead({ group }: { group: GroupBody }): JSX.Element {
  const { last_status: status, last_status_message: reason, search_algorithm: search, concurrency, iteration } = group;
  return (
    <header class="group-head">
      <div class="group-title">
        <h1><span class="quiet">Group {group.id}</span> {visible(group.name ?? '')}</h1>
        <StatusMark status={status} />
        {reason && <span class="quiet">{visible(reason)}</span>}
      </div>
      <div class="group-actions">
        <a class="button" href={addressWith({ do: 'resume' })} data-verb="resume">Resume …</a>
        <a class="button" href={addressWith({ do: 'stop' })} data-verb="stop">Stop …</a>
      </div>
      <dl class="group-facts">
        <div><dt>Members</dt><dd><Progress group={group} /></dd></div>
        <div><dt>Search</dt><dd>{(search ?? 'none').replaceAll('_', ' ')}{iteration > 1 && `, iteration ${count(iteration)}`}{concurrency !== null && `, ${count(concurrency)} at once`}</dd></div>
        <div><dt>Started by</dt><dd>{visible(group.user)}, <Ago time={group.created_at} /></dd></div>
      </dl>
    </header>
  );
}

interface Searched {
  readonly group: GroupBody;
  readonly page: Page<ExperimentBody>;
  readonly judged: Judged;
  /** The platform was asked for the best ones: without a metric it gives the newest. */
  readonly sortedBy: boolean;
}

function Search({ group, page, judged, sortedBy }: Searched): JSX.Element {
  const pointed = useSignal<number | null>(null);
  const members = ranked(page.results, judged);
  const params = paramsOf(group, members);
  const axes = axesOf(params, members, judged);
  const best = bestOf(members, judged);
  const summary = summaryOf(members, judged, params);
  const point = (id: number | null) => void (pointed.value = id);
  if (members.length === 0) return <p class="quiet">It has no members yet: they are made by themselves.</p>;
  return (
    <>
      <p class={`answer ${best ? 'is-good' : ''}`}>
        {!best || judged.metric === null ? visible(summary) : (
          <>Best so far: <a href={pathOf.experiment(...projectOf(best), best.id)}>#{best.id}</a>, {visible(judged.metric)} <strong>{measure(best.last_metric[judged.metric])}</strong></>
        )}
      </p>
      <MetricChoice metrics={metricsOf(members)} judged={judged} />
      {page.count > members.length && (
        <p class="note">
          Of {count(page.count)} members {count(membersMax)} are shown here{sortedBy && ', the best ones'}. <a href={`${pathOf.runs(...projectOf(members[0]))}?q=group%3A+${group.id}`}>All of them as a list</a>
        </p>
      )}
      {axes.length > 1 && <Parallel axes={axes} members={members} best={best?.id ?? null} pointed={pointed.value} point={point} summary={summary} />}
      <h2 class="members-title">Members, the best first</h2>
      <MembersTable members={members} params={params} metric={judged.metric} best={best?.id ?? null} pointed={pointed.value} point={point} />
    </>
  );
}

function MetricChoice({ metrics, judged }: { metrics: readonly string[]; judged: Judged }): JSX.Element | null {
  if (metrics.length === 0) return null;
  return (
    <form class="metric-choice">
      <label>Judged by <select value={judged.metric ?? ''} onChange={(event) => go(addressWith({ metric: event.currentTarget.value, best: null }), { replace: true })}>
        {[...new Set([...metrics, ...(judged.metric === null ? [] : [judged.metric])])].map((name) => <option key={name} value={name}>{visible(name)}</option>)}
      </select></label>
      <label>the best is <select value={judged.direction} onChange={(event) => go(addressWith({ best: event.currentTarget.value }), { replace: true })}>
        <option value="min">the smallest</option><option value="max">the largest</option>
      </select></label>
    </form>
  );
}

function projectOf(member: ExperimentBody | undefined): [string, string] {
  const [user = '', project = ''] = member?.project.split('.') ?? [];
  return [user, project];
}
