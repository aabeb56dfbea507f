// What is said of the events that this service writes?
import { categoryOf, owners, type Category, type Service } from '#contracts';
import type { Recorded, StoreObserver } from '#event-store';
import type { Logger } from '../log.ts';
import { counter } from '../metrics/instruments.ts';

/** One line for each, so that the way of an experiment through all services can be found by its number, or by the request it came of. */
export function observeAppends(service: Service, log: Logger, told: (events: readonly Recorded[]) => void): StoreObserver {
  const appended = counter('events_appended_total');
  const conflicts = counter('append_conflicts_total');
  for (const category of (Object.keys(owners) as Category[]).filter((one) => owners[one] === service)) conflicts.inc({ category }, 0);
  return {
    appended(events) {
      told(events);
      for (const { id, stream, type, data, metadata: { correlationId, actor } } of events) {
        appended.inc({ category: categoryOf(stream), type });
        const { experimentId, groupId } = data as { experimentId?: number; groupId?: number | null };
        log.info({ correlationId, ...(experimentId !== undefined ? { experimentId } : groupId && { groupId }), stream, eventId: id, actor }, type);
      }
    },
    conflict: (stream) => conflicts.inc({ category: categoryOf(stream) }),
  };
}
