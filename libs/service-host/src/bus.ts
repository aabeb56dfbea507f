// Over which bus does a service hear the others?
import { owners } from '#contracts';
import type { EventStore } from '#event-store';
import { KafkaBus, PostgresBus, Relay, relayBacklog, type Consumption, type KafkaLog, type KafkaSettings, type RelayObserver, type Topology } from '#messaging';
import type { Logger } from './log.ts';
import { counter, gauge } from './metrics/instruments.ts';
import { measureConsumer, observeReactions } from './observing/handler-metrics.ts';

/** Longer than it takes to find another relay, shorter than anybody likes to wait. */
const unpublishedForMs = 7000;

interface OpenBus {
  consume(topology: Topology): Consumption;
  /** Why nobody hears what is written, although who listens may hear that there is nothing. */
  problem(): Promise<string | undefined>;
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
      const consumption = bus.consume(topology, observeReactions(topology, log));
      measureConsumer(store, topology, () => consumption.lagMs());
      return consumption;
    },
    problem: async () => {
      const ageMs = kafka ? (await relayBacklog(store.pool, kafka)).ageMs : 0;
      return ageMs > unpublishedForMs ? `events do not get onto Kafka: the oldest has waited for ${Math.round(ageMs / 1000)} s` : undefined;
    },
    close: async () => relay?.stop(),
  };
}

function openRelay(store: EventStore, kafka: KafkaSettings, log: Logger, kafkaLog: KafkaLog): Relay {
  const active = gauge('relay_active');
  const waiting = gauge('relay_unpublished_messages');
  gauge('relay_oldest_unpublished_age_seconds', async (oldest) => {
    const { events, ageMs } = await relayBacklog(store.pool, kafka);
    waiting.set(events);
    oldest.set(ageMs / 1000);
  });
  const published = counter('relay_published_total');
  for (const category of Object.keys(owners)) published.inc({ topic: `${kafka.topicPrefix}${category}.events` }, 0);
  const observer: RelayObserver = {
    active: (isActive) => {
      active.set(isActive ? 1 : 0);
      log.info({ isActive }, 'relay');
    },
    paused: (error) => log.warn({ err: error }, 'relay paused'),
    published: (topic, events) => published.inc({ topic }, events),
  };
  return new Relay(store, kafka, observer, kafkaLog);
}
