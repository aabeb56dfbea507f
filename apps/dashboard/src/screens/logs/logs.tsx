// What was its last word?
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { ExperimentBody } from '#contracts';
import { now } from '../../elements/ago.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { useKeys } from '../../shell/keys.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { apiPath, type Which } from '../experiment/address.ts';
import { LogHits, searchedIn } from './log-hits.ts';
import { LogLines } from './log-lines.ts';
import { LogsHead } from './logs-head.tsx';
import { LogWindow } from './log-window.tsx';
import { markText } from './marked.ts';
import { SearchBar } from './search-bar.tsx';
import { toldOf } from './told.ts';
import './logs.css';

const followEveryMs = 1000;

export function Logs({ experiment, which }: { experiment: ExperimentBody; which: Which }): JSX.Element {
  const withResumed = address.value.searchParams.get('attempts') === 'all';
  const log = useMemo(() => new LogLines(apiPath(which), withResumed ? 'all' : null), [which.id, withResumed]);
  useEffect(() => {
    void log.look();
    return () => log.leave();
  }, [log]);
  const isOver = log.index.value.isComplete;
  useEffect(() => {
    if (isOver) return undefined;
    const timer = window.setInterval(() => document.visibilityState === 'visible' && void log.look(), followEveryMs);
    return () => window.clearInterval(timer);
  }, [log, isOver]);
  return (
    <section class="logs">
      {log.trouble.value && <TroubleNote title={log.isKnown.value ? 'This may be old.' : undefined} trouble={log.trouble.value} retry={() => void log.look()} />}
      {!log.isKnown.value && !log.trouble.value && <Waiting />}
      {log.isKnown.value && <Found key={String(withResumed)} log={log} experiment={experiment} which={which} withResumed={withResumed} />}
    </section>
  );
}

interface Shown {
  readonly log: LogLines;
  readonly experiment: ExperimentBody;
  readonly which: Which;
  readonly withResumed: boolean;
}

function Found({ log, experiment, which, withResumed }: Shown): JSX.Element {
  const wraps = address.value.searchParams.has('wrap');
  const searched = searchedIn(address.value);
  const hits = useMemo(() => searched && new LogHits(apiPath(which), searched, withResumed ? 'all' : null), [JSON.stringify(searched), withResumed]);
  const step = async (by: 1 | -1) => {
    const line = await hits?.step(by);
    if (line !== undefined && line !== null) go(`${addressWith({}).replace(/#.*$/, '')}${markText({ first: line, last: line })}`, { replace: true });
  };
  useEffect(() => {
    if (!hits) return undefined;
    const isAtLines = address.value.hash !== ''; // a link to lines leads there, whatever is found
    void hits.look().then(() => (isAtLines ? undefined : step(1)));
    return () => hits.leave();
  }, [hits]);
  useKeys({
    '/': ['search the log', () => document.querySelector<HTMLInputElement>('#log-search')?.focus()], n: ['next line that has it', () => void step(1)], N: ['line before that has it', () => void step(-1)],
    w: ['wrap lines, or not', () => go(addressWith({ wrap: wraps ? null : '1' }), { replace: true })],
  });
  const { lines } = log.index.value;
  const standing = { status: experiment.last_status, wasStarted: experiment.started_at !== null, readAt: log.readAt.value, isAway: log.trouble.value !== null };
  const told = toldOf(log.index.value, standing, now.value);
  const head = <LogsHead log={log} told={lines === 0 ? '' : told} experiment={experiment} which={which} withResumed={withResumed} wraps={wraps} />;
  if (lines === 0) return <>{head}<p class="quiet">{told}</p></>;
  return (
    <>
      <SearchBar searched={searched} hits={hits} lines={lines} step={(by) => void step(by)} />
      {head}
      <LogWindow key={wraps ? 'wrapped' : 'lines'} log={log} hits={hits} wraps={wraps} />
    </>
  );
}
