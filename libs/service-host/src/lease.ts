// Which instance has what lease, and what is told of it?
import { Counter, Gauge } from 'prom-client';
import { Lease, type EventStore } from '#event-store';
import type { Logger } from './log.ts';

const leaseSecondsDefault = 8;

const held = new Gauge({ name: 'polyaxon_lease_epoch', help: 'number of the takeover that made this instance the one that does it; 0: another one does', labelNames: ['lease'] });
const refused = new Counter({ name: 'polyaxon_lease_refusals_total', help: 'acts of this instance that were refused, since another one has taken over', labelNames: ['lease'] });

export function openLease(store: EventStore, name: string, seconds: number | undefined, log: Logger): Lease {
  held.set({ lease: name }, 0);
  return new Lease(store.pool, name, {
    seconds: seconds ?? leaseSecondsDefault,
    observer: {
      changed(epoch) {
        held.set({ lease: name }, epoch ?? 0);
        log.info({ lease: name, epoch }, epoch === null ? 'another instance does it now' : 'this instance does it now');
      },
      refused: () => refused.inc({ lease: name }),
      failed: (error) => log.warn({ err: error, lease: name }, 'the lease is asked for again'),
    },
  });
}
