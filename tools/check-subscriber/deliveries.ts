// What may a bus that delivers at least once, in order in each stream, do to the same events? Pure: which records, in which order.
import type { Chance } from './chance.ts';
import { interleave } from './story.ts';

/** As the relay repeats what it could not note: whole batches once more, now and then, and single records twice. */
export function duplicated<Event>(events: readonly Event[], chance: Chance): Event[] {
  const delivered: Event[] = [];
  for (let from = 0; from < events.length; ) {
    const batch = events.slice(from, from + 1 + chance.below(40)).flatMap((event) => (chance.below(4) === 0 ? [event, event] : [event]));
    delivered.push(...batch, ...(chance.below(2) === 0 ? batch : []));
    from += new Set(batch).size;
  }
  return delivered;
}

/** Another order of commits: in each stream the same. */
export function reordered<Event extends { readonly stream: string }>(events: readonly Event[], chance: Chance): Event[] {
  const streams = new Map<string, Event[]>();
  for (const event of events) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
  return interleave([...streams.values()], chance);
}

/** In so many pieces, of about the same length. */
export function pieces<Event>(events: readonly Event[], count: number): Event[][] {
  const length = Math.ceil(events.length / count);
  return Array.from({ length: count }, (_, index) => events.slice(index * length, (index + 1) * length)).filter((piece) => piece.length > 0);
}
