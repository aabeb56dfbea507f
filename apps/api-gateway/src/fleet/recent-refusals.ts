// What was refused lately, and to whom?
import type { FleetBody } from '#contracts';

export interface RefusedRequest {
  readonly code: string;
  readonly detail: string;
  readonly fix: string | null;
  readonly at: string;
  /** Who asked; null: nobody knows. */
  readonly by: string | null;
  readonly method: string;
  readonly url: string;
}

const keptMax = 1000;
const lately = 3_600_000;

/** In memory: of this gateway, since it began, at most an hour. */
export class RecentRefusals {
  readonly #kept: RefusedRequest[] = [];
  readonly #beganAt: number;

  constructor(private readonly now: () => Date) {
    this.#beganAt = now().getTime();
  }

  keep(refused: Omit<RefusedRequest, 'at'>): void {
    this.#kept.push({ ...refused, at: this.now().toISOString() });
    if (this.#kept.length > keptMax) this.#kept.shift();
  }

  /** The latest first. */
  lately(): RefusedRequest[] {
    const since = this.now().getTime() - lately;
    return this.#kept.filter(({ at }) => Date.parse(at) >= since).reverse();
  }

  byCode(): FleetBody['refusals'] {
    const found = new Map<string, FleetBody['refusals']['by_code'][number]>();
    for (const { code, at, detail } of this.lately()) {
      const known = found.get(code);
      found.set(code, known ? { ...known, count: known.count + 1 } : { code, count: 1, last_at: at, last_detail: detail });
    }
    const since = Math.max(this.#beganAt, this.now().getTime() - lately);
    return { since: new Date(since).toISOString(), by_code: [...found.values()].sort((a, b) => b.count - a.count) };
  }
}
