// What is said of the events that this service writes?
import { Counter, register } from 'prom-client';
import { categoryOf, owners, type Category, type Service } from '#contracts';
import type { StoreObserver } from '#event-store';
import type { Logger } from '../log.ts';

const names = ['polyaxon_events_appended_total', 'polyaxon_append_conflicts_total'] as const;

/** One line for each, so that the way of an experiment through all services can be found by its number, or by the request it came of. */
export function observeAppends(service: Service, log: Logger): StoreObserver {
  for (const name of names) register.removeSingleMetric(name);
  const appended = new Counter({ name: names[0], help: 'events this process has written', labelNames: ['category', 'type'] });
  const conflicts = new Counter({ name: names[1], help: 'decisions made again because another was faster', labelNames: ['category'] });
  for (const category of (Object.keys(owners) as Category[]).filter((one) => owners[one] === service)) conflicts.inc({ category }, 0);
  return {
    appended(events) {
      for (const { id, stream, type, data, metadata: { correlationId, actor } } of events) {
        appended.inc({ category: categoryOf(stream), type });
        const { experimentId, groupId } = data as { experimentId?: number; groupId?: number | null };
        log.info({ correlationId, ...(experimentId !== undefined ? { experimentId } : groupId && { groupId }), stream, eventId: id, actor }, type);
      }
    },
    conflict: (stream) => conflicts.inc({ category: categoryOf(stream) }),
  };
}
