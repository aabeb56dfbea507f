// Over which bus does a service hear the others, and what is told of it?
import { Counter, Gauge, Histogram, register } from 'prom-client';
import type { EventStore } from '#event-store';
import { KafkaBus, PostgresBus, Relay, relayBacklog, type Consumption, type KafkaLog, type KafkaSettings, type Observer, type Topology } from '#messaging';
import type { Logger } from './log.ts';

interface OpenBus {
  consume(topology: Topology): Consumption;
  /** After the consumers: what is still to be published is, by whoever is there next. */
  close(): Promise<void>;
}

/** With Kafka every service is ready to be the relay; of all of them one is. */
export function openBus(store: EventStore, kafka: KafkaSettings | undefined, log: Logger): OpenBus {
  const kafkaLog: KafkaLog = (level, message, details) => log[level === 'error' ? 'warn' : 'debug']({ kafka: details }, message);
  const relay = kafka && openRelay(store, kafka, log, kafkaLog);
  relay?.start();
  const bus = kafka ? new KafkaBus(store, kafka, kafkaLog) : new PostgresBus(store);
  return {
    consume(topology) {
      const consumption = bus.consume(topology, observe(log));
      lagOf.set(topology.service, () => consumption.lagMs());
      return consumption;
    },
    close: async () => relay?.stop(),
  };
}

function openRelay(store: EventStore, kafka: KafkaSettings, log: Logger, kafkaLog: KafkaLog): Relay {
  const active = relayGauge('active', '1: this process publishes the events of the store to Kafka');
  const waiting = relayGauge('unpublished_events', 'events in the store that are not on Kafka yet, counted up to 10,000');
  const oldest = relayGauge('oldest_unpublished_seconds', 'age of the oldest event that is not on Kafka yet', () =>
    relayBacklog(store.pool, kafka).then(({ events, ageMs }) => {
      waiting.set(events);
      oldest.set(ageMs / 1000);
    }, asBefore),
  );
  const observer = {
    active: (isActive: boolean) => {
      active.set(isActive ? 1 : 0);
      log.info({ isActive }, 'relay');
    },
    paused: (error: unknown) => log.warn({ err: error }, 'relay paused'),
  };
  return new Relay(store, kafka, observer, kafkaLog);
}

/** Only where there is a relay; of one that is opened again, the latest. */
function relayGauge(name: string, help: string, collect?: () => Promise<void>): Gauge {
  register.removeSingleMetric(`polyaxon_relay_${name}`);
  return new Gauge({ name: `polyaxon_relay_${name}`, help, ...(collect && { collect }) });
}

/** Without the database nobody knows; the other metrics are wanted all the more. */
const asBefore = (): void => undefined;

const lagOf = new Map<string, () => Promise<number>>();
const lag: Gauge = new Gauge({
  name: 'polyaxon_consumer_lag_seconds',
  help: 'age of the oldest event that this group has not reacted to',
  labelNames: ['consumer_group'],
  collect: async () => void (await Promise.all([...lagOf].map(([group, ask]) => ask().then((ms) => lag.set({ consumer_group: group }, ms / 1000), asBefore)))),
});

const labels = ['consumer_group', 'type'] as const;
const waited = new Histogram({ name: 'polyaxon_event_waited_seconds', help: 'from append to reaction', labelNames: labels, buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30] });
const dead = new Counter({ name: 'polyaxon_dead_letters_total', help: 'events given up', labelNames: labels });
const retries = new Counter({ name: 'polyaxon_event_retries_total', help: 'reactions tried again', labelNames: labels });
const foreign = new Counter({ name: 'polyaxon_foreign_messages_total', help: 'messages on the bus that the event store does not know', labelNames: ['consumer_group'] });
const lastPause = new Gauge({ name: 'polyaxon_consumer_last_pause_seconds', help: 'unix time of the last pause because of the surroundings', labelNames: ['consumer_group'] });

/** Dead letters, retries and waiting times are never silent. */
function observe(log: Logger): Observer {
  return {
    reacted: ({ consumerGroup, type, waitedMs }) => waited.observe({ consumer_group: consumerGroup, type }, waitedMs / 1000),
    deadLetter: (letter) => {
      dead.inc({ consumer_group: letter.consumerGroup, type: letter.type });
      log.error(letter, 'dead letter');
    },
    retry: ({ error, ...failure }) => {
      retries.inc({ consumer_group: failure.consumerGroup, type: failure.type });
      log.warn({ ...failure, err: error }, 'reaction failed');
    },
    foreign: ({ consumerGroup, where, reason }) => {
      foreign.inc({ consumer_group: consumerGroup });
      log.error({ consumerGroup, where, reason }, 'a message that is not ours');
    },
    paused: ({ consumerGroup, error }) => {
      lastPause.set({ consumer_group: consumerGroup }, Date.now() / 1000);
      log.warn({ consumerGroup, err: error }, 'consumer paused');
    },
  };
}
