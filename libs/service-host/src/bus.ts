// Over which bus does a service hear the others, and what is told of it?
import { Counter, Gauge, Histogram } from 'prom-client';
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
      tellLag(consumption, topology.service);
      return consumption;
    },
    close: async () => relay?.stop(),
  };
}

function openRelay(store: EventStore, kafka: KafkaSettings, log: Logger, kafkaLog: KafkaLog): Relay {
  const active = new Gauge({ name: 'polyaxon_relay_active', help: '1: this process publishes the events of the store to Kafka' });
  const waiting = new Gauge({ name: 'polyaxon_relay_unpublished_events', help: 'events in the store that are not on Kafka yet, counted up to 10,000' });
  const oldest = new Gauge({
    name: 'polyaxon_relay_oldest_unpublished_seconds',
    help: 'age of the oldest event that is not on Kafka yet',
    collect: (): Promise<void> => relayBacklog(store.pool, kafka).then(({ events, ageMs }) => {
      waiting.set(events);
      oldest.set(ageMs / 1000);
    }, asBefore),
  });
  return new Relay(
    store,
    kafka,
    {
      active: (isActive) => {
        active.set(isActive ? 1 : 0);
        log.info({ isActive }, 'relay');
      },
      paused: (error) => log.warn({ err: error }, 'relay paused'),
    },
    kafkaLog,
  );
}

function tellLag(consumption: Consumption, group: string): void {
  const lag = new Gauge({
    name: 'polyaxon_consumer_lag_seconds',
    help: 'age of the oldest event that this group has not reacted to',
    labelNames: ['consumer_group'],
    collect: (): Promise<void> => consumption.lagMs().then((ms) => lag.set({ consumer_group: group }, ms / 1000), asBefore),
  });
}

/** Without the database nobody knows; the other metrics are wanted all the more. */
const asBefore = (): void => undefined;

/** Dead letters, retries and waiting times are never silent. */
function observe(log: Logger): Observer {
  const labels = ['consumer_group', 'type'] as const;
  const waited = new Histogram({ name: 'polyaxon_event_waited_seconds', help: 'from append to reaction', labelNames: labels, buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30] });
  const dead = new Counter({ name: 'polyaxon_dead_letters_total', help: 'events given up', labelNames: labels });
  const retries = new Counter({ name: 'polyaxon_event_retries_total', help: 'reactions tried again', labelNames: labels });
  const foreign = new Counter({ name: 'polyaxon_foreign_messages_total', help: 'messages on the bus that the event store does not know', labelNames: ['consumer_group'] });
  const paused = new Gauge({ name: 'polyaxon_consumer_last_pause_seconds', help: 'unix time of the last pause because of the surroundings', labelNames: ['consumer_group'] });
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
      paused.set({ consumer_group: consumerGroup }, Date.now() / 1000);
      log.warn({ consumerGroup, err: error }, 'consumer paused');
    },
  };
}
