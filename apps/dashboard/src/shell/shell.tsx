// What stands around every screen?
import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { listen } from '../api/live.ts';
import { TroubleNote } from '../elements/trouble.tsx';
import { Token } from '../screens/token/token.tsx';
import { visible } from '../text/visible.ts';
import { KeysHelp, listenToKeys } from './keys.tsx';
import { lazyScreen } from './lazy-screen.tsx';
import { LiveChip, AwayBanner } from './liveness.tsx';
import { address, followLink, route } from './navigation.ts';
import { pathOf, type Route } from './routes.ts';
import { logOut, recognise, unknownBecause, user } from './session.ts';
import { nextTheme, theme } from './theme.ts';

const Fleet = lazyScreen(async () => (await import('../screens/fleet/fleet.tsx')).Fleet);
const Now = lazyScreen(async () => (await import('../screens/now/now.tsx')).Now);
const Projects = lazyScreen(async () => (await import('../screens/projects/projects.tsx')).Projects);
const Runs = lazyScreen(async () => (await import('../screens/runs/runs.tsx')).Runs);
const Compare = lazyScreen(async () => (await import('../screens/compare/compare.tsx')).Compare);
const Copies = lazyScreen(async () => (await import('../screens/copies/copies.tsx')).Copies);
const Groups = lazyScreen(async () => (await import('../screens/group/groups.tsx')).Groups);
const Group = lazyScreen(async () => (await import('../screens/group/group.tsx')).Group);
const Experiment = lazyScreen(async () => (await import('../screens/experiment/experiment.tsx')).Experiment);

effect(() => {
  if (user.value === undefined && route.value.screen !== 'token') void recognise();
});

export function Shell(): JSX.Element {
  const isIn = Boolean(user.value) && route.value.screen !== 'token';
  useEffect(() => (isIn ? listen() : undefined), [isIn]);
  useEffect(() => listenToKeys(), []);
  return (
    <div class="shell" onClick={followLink}>
      <a class="skip" href="#content">Skip to the content</a>
      <header class="bar">
        <nav class="where" aria-label="Where you are">
          <a class="wordmark" href="/app">polyaxon</a>
          <Crumbs at={route.value} />
        </nav>
        <div class="bar-end">
          {isIn && <a class="button is-plain" href={pathOf.copies()}>Copies</a>}
          {isIn && <LiveChip />}
          {isIn && user.value?.is_superuser && <a class="button is-plain" href={pathOf.fleet}>Fleet</a>}
          <button type="button" class="button is-plain" onClick={nextTheme} aria-label={`Theme: ${theme.value}. Change it`}><span aria-hidden="true">◐</span> {theme.value}</button>
          {isIn && user.value && (
            <button type="button" class="button is-plain" onClick={() => void logOut()} title={`Logged in as ${user.value.username}`}>Log out</button>
          )}
        </div>
      </header>
      {isIn && <AwayBanner />}
      <main id="content" tabIndex={-1}>
        <Screen at={route.value} />
      </main>
      <KeysHelp />
    </div>
  );
}

function Screen({ at }: { at: Route }): JSX.Element | null {
  if (at.screen === 'token') return <Token />;
  if (at.screen === 'nowhere') return <Nowhere />;
  const reader = user.value;
  if (!reader) return unknownBecause.value && <TroubleNote trouble={unknownBecause.value} retry={() => void recognise()} />;
  if (at.screen === 'compare') return <Compare />;
  if (at.screen === 'copies') return <Copies />;
  if (at.screen === 'fleet') return <Fleet mayLook={reader.is_superuser} />;
  if (at.screen === 'now') return <Now key={reader.username} reader={reader.username} />;
  if (at.screen === 'projects') return <Projects user={at.user} reader={reader.username} />;
  if (at.screen === 'runs') return <Runs key={`${at.user}/${at.project}`} user={at.user} project={at.project} />;
  if (at.screen === 'groups') return <Groups key={`${at.user}/${at.project}`} user={at.user} project={at.project} />;
  if (at.screen === 'group') return <Group key={`${at.user}/${at.project}/${at.id}`} user={at.user} project={at.project} id={at.id} />;
  return <Experiment key={`${at.user}/${at.project}/${at.id}`} user={at.user} project={at.project} id={at.id} tab={at.tab} />;
}

function Crumbs({ at }: { at: Route }): JSX.Element | null {
  if (!('user' in at)) return null;
  const crumbs: [string, string][] = [[at.user, pathOf.projects(at.user)]];
  if (at.screen !== 'projects') crumbs.push([at.project, pathOf.runs(at.user, at.project)]);
  if (at.screen === 'groups' || at.screen === 'group') crumbs.push(['groups', pathOf.groups(at.user, at.project)]);
  if (at.screen === 'group') crumbs.push([String(at.id), pathOf.group(at.user, at.project, at.id)]);
  if (at.screen === 'experiment') crumbs.push([String(at.id), pathOf.experiment(at.user, at.project, at.id)]);
  return (
    <ol class="crumbs">
      {crumbs.map(([name, path], index) => (
        <li key={path}>
          <a href={path} aria-current={index === crumbs.length - 1 ? 'page' : undefined}>{visible(name)}</a>
        </li>
      ))}
    </ol>
  );
}

function Nowhere(): JSX.Element {
  return (
    <section class="empty">
      <h1>There is nothing at this address</h1>
      <p class="quiet">{visible(address.value.pathname)}</p>
      <p><a href="/app">What needs you, and your projects</a></p>
    </section>
  );
}
