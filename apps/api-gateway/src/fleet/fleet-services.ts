// Who of the services answers, and what did each say last?
import type { FleetServiceBody, Service, ServiceBody } from '#contracts';

export interface Place {
  readonly service: Service;
  readonly url: string;
}

interface Heard {
  readonly body: ServiceBody;
  readonly at: string;
}

const answersWithinMs = 2500;

/** Asked where the gateway asks them for everything else. What one said is kept here, so that whoever looks while it is away sees how it was. */
export class FleetServices {
  readonly #last = new Map<string, Heard>();

  constructor(
    private readonly places: readonly Place[],
    private readonly own: () => Promise<ServiceBody>,
    private readonly now: () => Date,
  ) {}

  async all(): Promise<FleetServiceBody[]> {
    const own = this.#told({ service: 'api-gateway', url: '' }, null, this.own);
    return Promise.all([own, ...this.places.map((place) => this.#told(place, this.#instanceOf(place), () => about(place.url)))]);
  }

  async #told({ service, url }: Place, instance: number | null, ask: () => Promise<ServiceBody>): Promise<FleetServiceBody> {
    const key = `${service} ${url}`;
    const body = await ask().catch(() => null);
    if (body) this.#last.set(key, { body, at: this.now().toISOString() });
    const last = this.#last.get(key);
    return { service, instance, answers: body !== null, last: last?.body ?? null, last_at: last?.at ?? null };
  }

  #instanceOf(place: Place): number | null {
    const alike = this.places.filter(({ service }) => service === place.service);
    return alike.length > 1 ? alike.indexOf(place) + 1 : null;
  }
}

async function about(url: string): Promise<ServiceBody> {
  const response = await fetch(new URL('/about', url), { signal: AbortSignal.timeout(answersWithinMs), redirect: 'error' });
  if (!response.ok) throw new Error(`answers ${response.status}`);
  return (await response.json()) as ServiceBody;
}
