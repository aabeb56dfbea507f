// Does Kafka keep the promises of every bus? Against the real one.
import { busContract, describeWithKafka, kafkaSettings, openKafkaBus } from '#testing';

describeWithKafka('4.2.0', (kafka) => busContract('Kafka 4.2', async (store) => openKafkaBus(store, await kafkaSettings(kafka.broker))));
