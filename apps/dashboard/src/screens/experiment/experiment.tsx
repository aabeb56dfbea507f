// One run: is it healthy, what did it do, and what can be done with it?
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { isDone, type CheckpointsBody, type ExperimentBody } from '#contracts';
import { concernsExperiment } from '../../api/happened.ts';
import { useResource } from '../../api/resource.ts';
import { now } from '../../elements/ago.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { useKeys } from '../../shell/keys.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { lazyScreen } from '../../shell/lazy-screen.tsx';
import { pathOf, tabs, type Tab } from '../../shell/routes.ts';
import { visible } from '../../text/visible.ts';
import { PlanSheet } from '../plan/plan-sheet.tsx';
import { verbIn } from '../plan/verbs.ts';
import { apiPath, pagePath, type Which } from './address.ts';
import { titleOf } from './answer.ts';
import { Head } from './head.tsx';
import { HistoryTab } from './history.tsx';
import { Outputs } from './outputs.tsx';
import { Overview } from './overview.tsx';
import { Specification } from './specification.tsx';
import './experiment.css';

const Checkpoints = lazyScreen(async () => (await import('../checkpoints/checkpoints.tsx')).Checkpoints);
const Charts = lazyScreen(async () => (await import('../charts/charts.tsx')).Charts);
const Lineage = lazyScreen(async () => (await import('../lineage/lineage.tsx')).Lineage);
const Logs = lazyScreen(async () => (await import('../logs/logs.tsx')).Logs);

/** No event tells of checkpoints and metrics: while it runs they are asked for. */
const liveEveryMs = 5000;
const tabWords: Readonly<Record<Tab, string>> = { overview: 'Overview', charts: 'Charts', history: 'History', logs: 'Logs', outputs: 'Outputs', checkpoints: 'Checkpoints', lineage: 'Lineage', spec: 'Polyaxonfile' };

export function Experiment({ user, project, id, tab }: Which & { tab: Tab }): JSX.Element {
  const which = { user, project, id };
  const on = concernsExperiment(id);
  const known = useResource<ExperimentBody>(apiPath(which), { on, everyMs: liveEveryMs });
  const isLive = known.body !== undefined && !isDone(known.body.last_status);
  const saved = useResource<CheckpointsBody>(known.body?.is_managed ? `${apiPath(which)}/checkpoints` : null, { on, everyMs: isLive ? liveEveryMs : undefined });
  useEffect(() => void (document.title = known.body ? `${titleOf(known.body, saved.body, now.value)} · ${project}` : `#${id} · ${project}`), [known.body, saved.body, now.value]);
  const open = (verb: string) => go(addressWith({ do: verb }));
  useKeys({
    r: ['resume', () => open('resume')], s: ['stop', () => open('stop')], t: ['restart', () => open('restart')], y: ['copy', () => open('copy')],
    l: ['logs', () => go(pagePath(which, 'logs'))], u: ['up to the runs', () => go(pathOf.runs(user, project))],
  });
  if (!known.body) return known.trouble ? <NotThere which={which} {...known} trouble={known.trouble} /> : <Waiting />;
  const verb = verbIn(address.value.searchParams.get('do'));
  return (
    <article class="experiment">
      <Head experiment={known.body} checkpoints={saved.body} which={which} />
      {known.trouble && <TroubleNote title="This may be old." trouble={known.trouble} retry={known.reload} />}
      <nav class="tabs" aria-label="Parts of the run">
        {tabs.map((one) => (
          <a key={one} href={pagePath(which, one)} aria-current={one === tab ? 'page' : undefined}>{tabWords[one]}</a>
        ))}
      </nav>
      <Part tab={tab} experiment={known.body} which={which} saved={saved} />
      {verb && <PlanSheet key={verb} verb={verb} experiment={known.body} checkpoints={saved.body} which={which} />}
    </article>
  );
}

function Part({ tab, experiment, which, saved }: { tab: Tab; experiment: ExperimentBody; which: Which; saved: ReturnType<typeof useResource<CheckpointsBody>> }): JSX.Element {
  if (tab === 'logs') return <Logs experiment={experiment} which={which} />;
  if (tab === 'charts') return <Charts which={which} experiment={experiment} />;
  if (tab === 'history') return <HistoryTab which={which} />;
  if (tab === 'outputs') return <Outputs which={which} experiment={experiment} />;
  if (tab === 'checkpoints') return <Checkpoints saved={saved} experiment={experiment} which={which} />;
  if (tab === 'lineage') return <Lineage which={which} />;
  if (tab === 'spec') return <Specification experiment={experiment} which={which} />;
  return <Overview experiment={experiment} which={which} />;
}

function NotThere({ which, trouble, reload }: { which: Which; trouble: NonNullable<ReturnType<typeof useResource>['trouble']>; reload: () => void }): JSX.Element {
  return (
    <section class="empty">
      <h1>Run {which.id}</h1>
      <TroubleNote trouble={trouble} retry={reload} />
      <p><a href={pathOf.runs(which.user, which.project)}>Runs of {visible(which.project)}</a></p>
    </section>
  );
}
