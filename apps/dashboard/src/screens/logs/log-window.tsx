// How are the lines shown that the reader has scrolled to, and only those?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useKeys } from '../../shell/keys.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { count } from '../../text/amounts.ts';
import type { LogHits } from './log-hits.ts';
import type { LogLines } from './log-lines.ts';
import { Line } from './line.tsx';
import { markedIn, markText } from './marked.ts';
import { heightOf, lineHeight, scrollTopFor, visibleLines, wrappedLines, wrappedScrollTopFor } from './visible-lines.ts';

export function LogWindow({ log, hits, wraps }: { log: LogLines; hits: LogHits | null; wraps: boolean }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(400);
  const marked = markedIn(address.value.hash);
  const follows = useSignal(marked === null);
  const { lines, parts } = log.index.value;
  const seen = useRef(lines);
  void log.version.value;
  void hits?.isLooking.value;
  const begins = useMemo(() => new Map(parts.length > 1 ? parts.map((part) => [part.line, part]) : []), [parts]);

  const scrollTo = (line: number) => place.current?.scrollTo(0, wraps ? wrappedScrollTopFor(line, lines) : scrollTopFor(line, height.value, lines));
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
  useKeys({ g: ['first line', () => scrollTo(0)], G: ['last line', () => (follows.value = true)], f: ['follow', () => (follows.value = true)] });
  const show = (line: number) => (
    <Line key={line} number={line} text={log.line(line)} isMarked={marked !== null && line >= marked.first && line <= marked.last} hits={hits} begins={begins.get(line)} mark={mark} />
  );
  const shown = { log, top: top.value, height: height.value, lines, show };
  return (
    <div class="log-frame">
      <div ref={place} class="log" role="region" aria-label="Console output" tabIndex={0} onScroll={scrolled}>
        <div class="log-all" style={{ height: `${heightOf(lines) + (wraps ? height.value : 0)}px` }}>{wraps ? <Wrapped {...shown} /> : <Equal {...shown} />}</div>
      </div>
      {!follows.value && <button type="button" class="button is-small log-end" onClick={() => (follows.value = true)}>{news > 0 ? `+${count(news)} new: to the end` : 'To the end'}</button>}
    </div>
  );
}

interface Shown {
  readonly log: LogLines;
  readonly top: number;
  readonly height: number;
  readonly lines: number;
  readonly show: (line: number) => JSX.Element;
}

/** Each as high as the others: a long one is scrolled sideways. */
function Equal({ log, top, height, lines, show }: Shown): JSX.Element {
  const { first, count: shown } = visibleLines(top, height, lines);
  const from = Math.floor(first);
  useEffect(() => log.want(from, shown), [from, shown, lines]);
  return (
    <div class="log-window" style={{ height: `${Math.min(height, lines * lineHeight)}px` }}>
      <div style={{ transform: `translateY(${-(first - from) * lineHeight}px)` }}>{numbers(from, from + shown).map(show)}</div>
    </div>
  );
}

function Wrapped({ log, top, height, lines, show }: Shown): JSX.Element {
  const { first, edge, last, edgeTop } = wrappedLines(top, height, lines);
  useEffect(() => log.want(first, last - first), [first, last, lines]);
  return (
    <div class="log-window is-wrapped" style={{ height: `${height}px` }}>
      <div style={{ bottom: `${height - edgeTop}px` }}>{numbers(first, edge).map(show)}</div>
      <div style={{ top: `${edgeTop}px` }}>{numbers(edge, last).map(show)}</div>
    </div>
  );
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, row) => from + row);
}
