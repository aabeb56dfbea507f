// What can be seen from outside of how a service reacts to what it hears?
import { countDeadLetters, type Consumption, type Observer, type Topology } from '#messaging';
import type { EventStore } from '#event-store';
import type { Logger } from '../log.ts';
import { counter, gauge, histogram } from '../metrics/instruments.ts';

const classes = ['transient', 'permanent', 'bug'] as const;

/** Dead letters, retries and waiting times are never silent. */
export function observeReactions({ service: group, consumes }: Topology, log: Logger): Observer {
  const waited = histogram('event_waited_seconds');
  const duration = histogram('handler_duration_seconds');
  const retries = counter('handler_retries_total');
  const dead = counter('dead_letters_total');
  const duplicates = counter('inbox_duplicates_total');
  const foreign = counter('foreign_messages_total');
  const lastPause = gauge('consumer_last_pause_seconds');
  for (const reactions of Object.values(consumes)) {
    for (const [type, reaction] of Object.entries(reactions as Readonly<Record<string, unknown>>)) {
      if (reaction === 'ignore') continue;
      dead.inc({ group, type }, 0);
      for (const outcome of ['handled', 'failed'] as const) duration.zero({ group, type, outcome });
      for (const one of classes) retries.inc({ group, type, class: one }, 0);
    }
  }
  foreign.inc({ group }, 0);
  duplicates.inc({ group }, 0);
  lastPause.set({ group }, 0);
  return {
    again: ({ count }) => duplicates.inc({ group }, count),
    reacted: ({ type, waitedMs }) => waited.observe({ group, type }, waitedMs / 1000),
    handled: ({ type, outcome, tookMs }) => duration.observe({ group, type, outcome }, tookMs / 1000),
    deadLetter: (letter) => {
      dead.inc({ group, type: letter.type });
      log.error(letter, 'dead letter');
    },
    retry: ({ error, ...failure }) => {
      retries.inc({ group, type: failure.type, class: failure.kind });
      log.warn({ ...failure, err: error }, 'reaction failed');
    },
    foreign: ({ consumerGroup, where, reason }) => {
      foreign.inc({ group });
      log.error({ consumerGroup, where, reason }, 'a message that is not ours');
    },
    paused: ({ consumerGroup, error }) => {
      lastPause.set({ group }, Date.now() / 1000);
      log.warn({ consumerGroup, err: error }, 'consumer paused');
    },
  };
}

export function measureConsumer(store: EventStore, { service: group }: Topology, lagMs: Consumption['lagMs']): void {
  gauge('consumer_oldest_unhandled_age_seconds', async (lag) => lag.set({ group }, (await lagMs()) / 1000));
  gauge('dead_letters', async (open) => open.set({ group }, await countDeadLetters(store.pool, group)));
}
