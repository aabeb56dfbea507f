// Which instance has what lease, and what is told of it?
import { Lease, type EventStore } from '#event-store';
import type { Logger } from './log.ts';
import { counter, gauge } from './metrics/instruments.ts';

const leaseSecondsDefault = 8;

/** Of one service: what only one of its instances does. */
export function leasesOf(store: EventStore, seconds: number | undefined, log: Logger): (name: string) => Lease {
  let shown: ReturnType<typeof show> | undefined;
  return (name) => {
    const { held, refused } = (shown ??= show());
    held.set({ lease: name }, 0);
    refused.inc({ lease: name }, 0);
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
  };
}

/** Only by those who have one. */
function show() {
  return { held: gauge('lease_epoch'), refused: counter('lease_refusals_total') };
}
