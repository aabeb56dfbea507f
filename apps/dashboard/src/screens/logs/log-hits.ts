// Which lines have what the reader searches for?
import { signal } from '@preact/signals';
import type { LogHit, LogSearchBody } from '#contracts';
import { ask, troubleOf, type Trouble } from '../../api/request.ts';
import { hitsAPage, pageOf, stepTo } from './hit-pages.ts';

export interface Searched {
  readonly text: string;
  readonly isExpression: boolean;
  readonly matchesCase: boolean;
}

/** As the address has it; null: nothing is searched for. */
export function searchedIn({ searchParams }: URL): Searched | null {
  const text = searchParams.get('find') ?? '';
  return text === '' ? null : { text, isExpression: searchParams.has('regex'), matchesCase: searchParams.has('case') };
}

const pagesKept = 20;

/** All are counted by the platform; a page of them is here when the reader comes there. */
export class LogHits {
  readonly count = signal<number | null>(null);
  /** How many lines were looked through. */
  readonly lines = signal(0);
  /** Which of the hits the reader is at, from 0. */
  readonly at = signal(-1);
  readonly trouble = signal<Trouble | null>(null);
  readonly isLooking = signal(false);
  readonly #pages = new Map<number, readonly LogHit[]>();
  readonly #left = new AbortController();

  constructor(
    private readonly path: string,
    readonly searched: Searched,
    private readonly attempt: 'all' | null,
  ) {}

  /** From 0, as lines are; those of the pages that are here. */
  isHit(line: number): boolean {
    for (const page of this.#pages.values()) if (page.some((hit) => hit.line === line + 1)) return true;
    return false;
  }

  /** Looks through all of it, once more when it has grown. */
  async look(): Promise<void> {
    this.#pages.clear();
    await this.#read(0);
  }

  /** The line of the next hit, or the one before; null: there is none. */
  async step(by: 1 | -1): Promise<number | null> {
    const to = stepTo(this.at.value, by, this.count.value ?? 0);
    if (to < 0) return null;
    if (!this.#pages.has(pageOf(to))) await this.#read(pageOf(to));
    const hit = this.#pages.get(pageOf(to))?.[to % hitsAPage];
    if (!hit) return null;
    this.at.value = to;
    return hit.line - 1;
  }

  leave(): void {
    this.#left.abort();
  }

  async #read(page: number): Promise<void> {
    const { text, isExpression, matchesCase } = this.searched;
    const questions = new URLSearchParams({
      q: text, limit: String(hitsAPage), offset: String(page * hitsAPage), ...(isExpression && { regex: 'true' }), ...(matchesCase && { match_case: 'true' }), ...(this.attempt && { attempt: this.attempt }),
    });
    this.isLooking.value = true;
    try {
      const { count, lines, results } = await ask<LogSearchBody>(`${this.path}/logs/search?${questions.toString()}`, { signal: this.#left.signal });
      this.#pages.set(page, results);
      for (const oldest of this.#pages.keys()) if (this.#pages.size > pagesKept) this.#pages.delete(oldest);
      this.lines.value = lines;
      this.count.value = count;
      this.trouble.value = null;
    } catch (error) {
      if (!this.#left.signal.aborted) this.trouble.value = troubleOf(error);
    } finally {
      this.isLooking.value = false;
    }
  }
}
