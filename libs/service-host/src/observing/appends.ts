// What is said of the events that this service writes?
import { categoryOf, eventCategories, owners, type Service } from '#contracts';
import type { Recorded, StoreObserver } from '#event-store';
import type { Logger } from '../log.ts';
import { counter, histogram } from '../metrics/instruments.ts';

/** One line for each, so that the way of an experiment through all services can be found by its number, or by the request it came of. */
export function observeAppends(service: Service, log: Logger, told: (events: readonly Recorded[]) => void): StoreObserver {
  const appended = counter('events_appended_total');
  const conflicts = counter('append_conflicts_total');
  const durations = histogram('append_duration_seconds');
  for (const [type, category] of Object.entries(eventCategories)) {
    if (owners[category] !== service) continue;
    appended.inc({ category, type }, 0);
    conflicts.inc({ category }, 0);
    durations.zero({ category });
  }
  return {
    appended(events) {
      told(events);
      for (const { id, stream, type, data, metadata: { correlationId, actor } } of events) {
        appended.inc({ category: categoryOf(stream), type });
        const { experimentId, groupId } = data as { experimentId?: number; groupId?: number | null };
        log.info({ correlationId, ...(experimentId !== undefined ? { experimentId } : groupId && { groupId }), stream, eventId: id, actor }, type);
      }
    },
    took: (category, milliseconds) => durations.observe({ category }, milliseconds / 1000),
    conflict: (stream) => conflicts.inc({ category: categoryOf(stream) }),
  };
}
