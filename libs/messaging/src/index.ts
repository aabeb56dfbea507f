// How do services hear of each other's events?
export { reactionTo, type Reaction, type Reactions, type Topology, type Unit } from './topology.ts';
export { type Bus, type Consumption, type Observer } from './bus.ts';
export { backOff, kindOf, maxTries, type FailureKind } from './failure.ts';
export { Pause } from './pause.ts';
export { PostgresBus } from './postgres-bus.ts';
export { countDeadLetters, dropDeadLetter, listDeadLetters, listDroppedLetters, replayDeadLetters, type DeadLetter, type DroppedLetter, type LetterId } from './dead-letters.ts';
export { openProducer, type KafkaLog, type KafkaSettings, type SaslMechanism } from './kafka/connection.ts';
export { KafkaBus } from './kafka/kafka-bus.ts';
export { Relay, type RelayObserver } from './kafka/relay.ts';
export { relayBacklog, type RelayBacklog } from './kafka/relay-cursor.ts';
export { refillTopics } from './kafka/refills.ts';
export { createTopics, type TopicDifference, type TopicReport } from './kafka/create-topics.ts';
export { wantedTopics, type WantedTopic } from './kafka/topics.ts';
export { cloudEvent } from './kafka/cloud-event.ts';
export { openKafka } from './kafka/connection.ts';
