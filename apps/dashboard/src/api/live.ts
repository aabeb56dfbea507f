// How does the page hear what happens, over one connection for all its tabs?
import { effect, signal } from '@preact/signals';
import { schemaVersions, type HistoryEntry } from '#contracts';
import { happenedOf, type Happened } from './happened.ts';
import { ask } from './request.ts';

export type Liveness = 'connecting' | 'live' | 'away';

/** What tabs tell each other. */
type Told = { readonly is: 'happened'; readonly happened: Happened } | { readonly is: 'liveness'; readonly liveness: Liveness; readonly since: number } | { readonly is: 'asking' };

const retryMs = [500, 1000, 2000, 4000];
const name = 'polyaxon-events';

export const liveness = signal<Liveness>('connecting');
/** When the platform was last known to answer, in milliseconds of this machine. */
export const heardAt = signal(Date.now());

const listeners = new Set<(happened: Happened) => void>();
const comebacks = new Set<() => void>();
let cursor: string | null = null;

export function onHappened(listener: (happened: Happened) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whatever was missed is asked for again. */
export function onComeback(listener: () => void): () => void {
  comebacks.add(listener);
  return () => comebacks.delete(listener);
}

/** Once, when somebody is logged in. One tab holds the lock and the connection; when it goes, the next one goes on behind the last event it was told of. */
export function listen(): () => void {
  const tabs = new BroadcastChannel(name);
  const over = new AbortController();
  let leads = false;
  const tell = (told: Told) => {
    tabs.postMessage(told);
    hear(told);
  };
  tabs.onmessage = ({ data }: MessageEvent<Told>) => {
    if (data.is === 'asking') {
      if (leads) tabs.postMessage({ is: 'liveness', liveness: liveness.value, since: heardAt.value } satisfies Told);
    } else if (!leads) hear(data);
  };
  const lead = async () => {
    leads = true;
    await connect(tell, over.signal);
  };
  // Locks are for pages over HTTPS or of this machine; elsewhere each tab has a connection of its own.
  if (navigator.locks) void navigator.locks.request(name, { signal: over.signal }, lead).catch(() => undefined);
  else void lead();
  tabs.postMessage({ is: 'asking' } satisfies Told);
  return () => {
    over.abort();
    tabs.close();
  };
}

function hear(told: Told): void {
  if (told.is === 'happened') {
    cursor = told.happened.cursor;
    heardAt.value = Date.now();
    for (const listener of listeners) listener(told.happened);
  } else if (told.is === 'liveness') {
    const before = liveness.value;
    liveness.value = told.liveness;
    heardAt.value = told.liveness === 'live' ? Date.now() : told.since;
    if (told.liveness === 'live' && before !== 'live') for (const comeback of comebacks) comeback();
  }
}

async function connect(tell: (told: Told) => void, over: AbortSignal): Promise<void> {
  for (let failures = 0; !over.aborted; failures += 1) {
    const heard = await stream(tell, over);
    if (over.aborted) return;
    if (heard) failures = 0;
    tell({ is: 'liveness', liveness: 'away', since: heardAt.value });
    await pause(retryMs[Math.min(failures, retryMs.length - 1)] ?? 4000, over);
    // A stream that is refused says nothing of why: this does, and leads to the login if that is it.
    await ask('/users', { signal: over }).catch(() => undefined);
  }
}

/** Resolves when it broke: with whether it had been open. */
function stream(tell: (told: Told) => void, over: AbortSignal): Promise<boolean> {
  return new Promise((broken) => {
    let opened = false;
    const source = new EventSource(`/api/v1/events${cursor === null ? '' : `?${new URLSearchParams({ after: cursor }).toString()}`}`);
    const end = () => {
      source.close();
      broken(opened);
    };
    over.addEventListener('abort', end, { once: true });
    source.onopen = () => {
      opened = true;
      tell({ is: 'liveness', liveness: 'live', since: Date.now() });
    };
    source.onerror = () => {
      over.removeEventListener('abort', end);
      end();
    };
    for (const type of Object.keys(schemaVersions))
      source.addEventListener(type, ({ data, lastEventId }: MessageEvent<string>) => tell({ is: 'happened', happened: happenedOf(lastEventId, JSON.parse(data) as HistoryEntry) }));
  });
}

function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, ms);
    over.addEventListener('abort', () => (window.clearTimeout(timer), resolve()), { once: true });
  });
}

// While it is live, what is shown is as of now.
effect(() => {
  if (liveness.value !== 'live') return undefined;
  const timer = window.setInterval(() => (heardAt.value = Date.now()), 1000);
  return () => window.clearInterval(timer);
});
