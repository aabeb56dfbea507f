// What can be seen from outside of how a service reacts to what it hears?
import { Counter, Gauge, Histogram, register } from 'prom-client';
import { countDeadLetters, type Consumption, type Observer, type Topology } from '#messaging';
import type { EventStore } from '#event-store';
import type { Logger } from '../log.ts';
import { asBefore } from './unknown.ts';

const labels = ['group', 'type'] as const;
const classes = ['transient', 'permanent', 'bug'] as const;
const waited = new Histogram({ name: 'polyaxon_event_waited_seconds', help: 'from append to reaction', labelNames: labels, buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30] });
const duration = new Histogram({
  name: 'polyaxon_handler_duration_seconds', help: 'reactions, each by itself, and whether they failed', labelNames: [...labels, 'outcome'], buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5],
});
const retries = new Counter({ name: 'polyaxon_handler_retries_total', help: 'reactions that failed and are tried again, by why: the surroundings, perhaps the event, a bug', labelNames: [...labels, 'class'] });
const dead = new Counter({ name: 'polyaxon_dead_letters_total', help: 'events given up', labelNames: labels });
const foreign = new Counter({ name: 'polyaxon_foreign_messages_total', help: 'messages on the bus that the event store does not know', labelNames: ['group'] });
const lastPause = new Gauge({ name: 'polyaxon_consumer_last_pause_seconds', help: 'unix time of the last pause because of the surroundings', labelNames: ['group'] });

/** Of the group that is consumed; of one that is opened again, the latest. */
export function measureConsumer(store: EventStore, { service: group, consumes }: Topology, lagMs: Consumption['lagMs']): void {
  for (const reactions of Object.values(consumes)) {
    for (const [type, reaction] of Object.entries(reactions as Readonly<Record<string, unknown>>)) {
      if (reaction === 'ignore') continue;
      dead.inc({ group, type }, 0);
      for (const outcome of ['handled', 'failed']) duration.zero({ group, type, outcome });
      for (const one of classes) retries.inc({ group, type, class: one }, 0);
    }
  }
  foreign.inc({ group }, 0);
  gauge('polyaxon_consumer_oldest_unhandled_age_seconds', 'age of the oldest event that this group has not reacted to', async (lag) => lag.set({ group }, (await lagMs()) / 1000));
  gauge('polyaxon_dead_letters', 'events given up and not tried again yet', async (open) => open.set({ group }, await countDeadLetters(store.pool, group)));
}

function gauge(name: string, help: string, ask: (gauge: Gauge) => Promise<void>): void {
  register.removeSingleMetric(name);
  const made: Gauge = new Gauge({ name, help, labelNames: ['group'], collect: () => ask(made).catch(asBefore) });
}

/** Dead letters, retries and waiting times are never silent. */
export function observeReactions(log: Logger): Observer {
  return {
    reacted: ({ consumerGroup: group, type, waitedMs }) => waited.observe({ group, type }, waitedMs / 1000),
    handled: ({ consumerGroup: group, type, outcome, tookMs }) => duration.observe({ group, type, outcome }, tookMs / 1000),
    deadLetter: (letter) => {
      dead.inc({ group: letter.consumerGroup, type: letter.type });
      log.error(letter, 'dead letter');
    },
    retry: ({ error, ...failure }) => {
      retries.inc({ group: failure.consumerGroup, type: failure.type, class: failure.kind });
      log.warn({ ...failure, err: error }, 'reaction failed');
    },
    foreign: ({ consumerGroup: group, where, reason }) => {
      foreign.inc({ group });
      log.error({ consumerGroup: group, where, reason }, 'a message that is not ours');
    },
    paused: ({ consumerGroup: group, error }) => {
      lastPause.set({ group }, Date.now() / 1000);
      log.warn({ consumerGroup: group, err: error }, 'consumer paused');
    },
  };
}
