// What was its last word?
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { isDone, type ExperimentBody } from '#contracts';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { useKeys } from '../../shell/keys.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { count } from '../../text/amounts.ts';
import { apiPath, type Which } from '../experiment/address.ts';
import { LogLines } from './log-lines.ts';
import { Line } from './line.tsx';
import { lineHeight, heightOf, scrollTopFor, visibleLines } from './visible-lines.ts';
import { markedIn, markText } from './marked.ts';
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
      {log.isKnown.value && <Scroll key={String(withResumed)} log={log} experiment={experiment} which={which} withResumed={withResumed} />}
    </section>
  );
}

interface Scrolled {
  readonly log: LogLines;
  readonly experiment: ExperimentBody;
  readonly which: Which;
  readonly withResumed: boolean;
}

function Scroll({ log, experiment, which, withResumed }: Scrolled): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(400);
  const marked = markedIn(address.value.hash);
  const follows = useSignal(marked === null);
  const { lines, isComplete } = log.index.value;
  const seen = useRef(lines);
  void log.version.value;
  const { first, count: shown } = visibleLines(top.value, height.value, lines);
  const from = Math.floor(first);

  const scrollTo = (line: number) => place.current?.scrollTo(0, scrollTopFor(line, height.value, lines));
  useLayoutEffect(() => {
    const measure = () => (height.value = place.current?.clientHeight ?? 400);
    measure();
    const observer = new ResizeObserver(measure);
    if (place.current) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (follows.value) scrollTo(lines);
  }, [lines, follows.value, height.value]);
  useLayoutEffect(() => {
    if (marked) scrollTo(marked.first);
  }, [marked?.first, height.value]);
  useEffect(() => log.want(from, shown), [from, shown, lines]);
  if (follows.value) seen.current = lines;
  const news = lines - seen.current;

  const scrolled = () => {
    const box = place.current;
    if (!box) return;
    top.value = box.scrollTop;
    follows.value = box.scrollTop + box.clientHeight >= box.scrollHeight - lineHeight / 2;
  };
  const mark = (line: number, isRange: boolean) => {
    const to = isRange && marked ? { first: Math.min(marked.first, line), last: Math.max(marked.first, line) } : { first: line, last: line };
    go(`${addressWith({}).replace(/#.*$/, '')}${markText(to)}`, { replace: true });
  };
  useKeys({
    g: ['first line', () => scrollTo(0)], G: ['last line', () => (follows.value = true)], f: ['follow', () => (follows.value = true)],
  });
  return (
    <>
      <LogsHead log={log} experiment={experiment} which={which} withResumed={withResumed}>
        <span class="figures" role="status">{lines === 0 ? 'no lines' : `${count(from + 1)}–${count(Math.min(lines, from + shown))} of ${count(lines)} lines`}{isComplete ? ', complete' : ''}</span>
        {!follows.value && <button type="button" class="button is-small" onClick={() => (follows.value = true)}>{news > 0 ? `+${count(news)} new: to the end` : 'To the end'}</button>}
        <GoToLine lines={lines} go={(line) => mark(line, false)} />
      </LogsHead>
      {lines === 0 ? <p class="quiet">{emptyText(experiment, isComplete)}</p> : (
        <div ref={place} class="log" role="region" aria-label="Console output" tabIndex={0} onScroll={scrolled}>
          <div class="log-all" style={{ height: `${heightOf(lines)}px` }}>
            <div class="log-window" style={{ height: `${Math.min(height.value, lines * lineHeight)}px` }}>
              <div style={{ transform: `translateY(${-(first - from) * lineHeight}px)` }}>
                {Array.from({ length: Math.max(0, shown) }, (_, row) => from + row).map((line) => (
                  <Line key={line} number={line} text={log.line(line)} isMarked={marked !== null && line >= marked.first && line <= marked.last} mark={mark} />
                ))}
              </div>
            </div>
          </div>
        </div>
      )}
    </>
  );
}

function LogsHead({ experiment, which, withResumed, children }: Scrolled & { children: ComponentChildren }): JSX.Element {
  return (
    <div class="logs-head">
      {children}
      {experiment.cloning_strategy === 'resume' && (
        <a class="button is-small" href={addressWith({ attempts: withResumed ? null : 'all' })}>{withResumed ? 'This run alone' : 'With the runs it resumes'}</a>
      )}
      <a class="button is-small" href={`/api/v1${apiPath(which)}/logs`} download={`${which.user}.${which.project}.${which.id}.log`}>Download</a>
    </div>
  );
}

/** "Not yet" is another thing than "nothing". */
function emptyText({ last_status: status, started_at: started }: ExperimentBody, isComplete: boolean): string {
  if (started === null) return isDone(status) ? 'It never started, so it printed nothing.' : 'It has not started yet: what it prints will be here.';
  if (isComplete) return 'It printed nothing.';
  return isDone(status) ? 'What it printed is not all collected yet.' : 'Its program has printed nothing yet.';
}

function GoToLine({ lines, go: to }: { lines: number; go: (line: number) => void }): JSX.Element {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const line = Number(new FormData(event.currentTarget as HTMLFormElement).get('line'));
    if (Number.isInteger(line) && line >= 1) to(Math.min(line, lines) - 1);
  };
  return (
    <form class="log-go" onSubmit={submit}>
      <label>Line <input name="line" type="number" min={1} max={Math.max(1, lines)} inputMode="numeric" /></label>
    </form>
  );
}
