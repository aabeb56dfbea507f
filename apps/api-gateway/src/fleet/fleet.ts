// Is anybody stuck, and what did failures cost?
import type { FleetBody } from '#contracts';
import { flowOf, type Flow } from './flow.ts';
import type { FleetServices } from './fleet-services.ts';
import { lostWorkDays, type LostWork } from './lost-work.ts';
import type { RecentRefusals } from './recent-refusals.ts';
import { byReason, type Waits } from './waits.ts';

export interface FleetParts {
  readonly waits: Waits;
  readonly flow: Flow;
  readonly services: FleetServices;
  readonly lostWork: LostWork;
  readonly refusals: RecentRefusals;
  readonly slots: () => Promise<NonNullable<FleetBody['slots']>>;
  readonly now: () => Date;
}

/** However many look, each second it is found out once. */
const trueForMs = 900;

export class Fleet {
  #known: { readonly atMs: number; readonly body: Promise<FleetBody> } | undefined;

  constructor(private readonly parts: FleetParts) {}

  look(): Promise<FleetBody> {
    const atMs = this.parts.now().getTime();
    if (this.#known && atMs - this.#known.atMs < trueForMs) return this.#known.body;
    const body = this.#gather();
    this.#known = { atMs, body };
    body.catch(() => (this.#known = undefined));
    return body;
  }

  async #gather(): Promise<FleetBody> {
    const { waits, flow, services, lostWork, refusals, slots, now } = this.parts;
    const [{ waiting, lookedAt }, lags, dead, relay, { losses, resumes }, told, taken] = await Promise.all([
      waits.of(null), flow.lags(), flow.deadLetters(), flow.relay(), lostWork.lately(), services.all(), slots().catch(() => null),
    ]);
    const said = new Map(told.filter(({ answers }) => answers).map(({ service, last }) => [service, last?.lag_seconds ?? null]));
    return {
      at: now().toISOString(), waiting: byReason(waiting), looked_at: lookedAt, flow: flowOf(lags, said, dead), relay,
      slots: taken, resumes: { days: lostWorkDays, by_verdict: resumes }, lost_work: { days: lostWorkDays, by_cause: losses }, refusals: refusals.byCode(), services: told,
    };
  }
}
