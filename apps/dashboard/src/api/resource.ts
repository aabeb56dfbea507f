// How does a part of the page have what the platform says at an address, and keep it as it is now?
import { signal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { laterMs, soonMs, type Concerns, type Happened } from './happened.ts';
import { onComeback, onHappened } from './live.ts';
import { ask, troubleOf, type Trouble } from './request.ts';

export interface State<Body> {
  /** Kept when asking again fails: old is better than nothing, if it is told. */
  readonly body: Body | undefined;
  readonly trouble: Trouble | undefined;
}

export interface Resource<Body> extends State<Body> {
  readonly reload: () => void;
}

export interface Keeping {
  /** Of which events it is asked for again; none without it. */
  readonly on?: Concerns;
  /** For what no event tells, such as metrics. */
  readonly everyMs?: number | undefined;
}

const nothing: State<never> = { body: undefined, trouble: undefined };
/** What is kept of places the reader has left, so that the way back is short. */
const keptMax = 60;
/** However much happens, it is asked no more often than the eye can follow. */
const againMs = 100;
const kept = new Map<string, Kept>();

class Kept {
  readonly state: Signal<State<unknown>> = signal(nothing);
  users = 0;
  #asking: Promise<void> | undefined;
  #again = false;

  constructor(private readonly path: string) {}

  /** One question at a time: whoever comes meanwhile gets an answer that began after. */
  load(): void {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = ask(this.path)
      .then((body) => (this.state.value = { body, trouble: undefined }))
      .catch((error: unknown) => (this.state.value = { body: gone(error) ? undefined : this.state.value.body, trouble: troubleOf(error) }))
      .then(() => {
        this.#asking = undefined;
        if (!this.#again) return;
        this.#again = false;
        window.setTimeout(() => this.load(), againMs);
      });
  }
}

/** Null asks for nothing. */
export function useResource<Body>(path: string | null, { on, everyMs }: Keeping = {}): Resource<Body> {
  const one = path === null ? null : keptAt(path);
  useEffect(() => {
    if (!one) return undefined;
    one.users += 1;
    one.load();
    let soon: number | undefined;
    let later: number[] = [];
    const forget = () => {
      for (const timer of later) window.clearTimeout(timer);
      later = [];
    };
    /** What follows puts off the later looks, never the next one: else nobody would look while much happens. */
    const lookAgain = () => {
      soon ??= window.setTimeout(() => {
        soon = undefined;
        one.load();
      }, soonMs);
      forget();
      later = laterMs.map((ms) => window.setTimeout(() => one.load(), ms));
    };
    const ends = [
      onComeback(() => one.load()),
      onHappened((happened: Happened) => {
        if (on?.(happened)) lookAgain();
      }),
    ];
    const beat = everyMs === undefined ? undefined : window.setInterval(() => document.visibilityState === 'visible' && one.load(), everyMs);
    return () => {
      one.users -= 1;
      for (const end of ends) end();
      forget();
      window.clearTimeout(soon);
      window.clearInterval(beat);
    };
    // `on` speaks of the same as `path` does.
  }, [one, everyMs]);
  const state = (one?.state.value ?? nothing) as State<Body>;
  return { ...state, reload: () => one?.load() };
}

/** When somebody else logs in, nothing of the former is left. */
export function forgetEverything(): void {
  kept.clear();
}

function keptAt(path: string): Kept {
  const one = kept.get(path) ?? new Kept(path);
  kept.delete(path);
  kept.set(path, one);
  for (const [oldest, { users }] of kept) {
    if (kept.size <= keptMax) break;
    if (users === 0) kept.delete(oldest);
  }
  return one;
}

/** What isn't there any more, or isn't ours, is not shown from memory. */
function gone(error: unknown): boolean {
  return /not-found|not-allowed|not-authenticated/.test(troubleOf(error).code);
}
