// Is a way to Kafka that doesn't fit together refused by name?
import { readConfiguration, serviceVariables } from './configuration.ts';
import { kafkaSettings } from './service-base.ts';

const told = (more: Record<string, string>) => readConfiguration(serviceVariables, { POLYAXON_DATABASE_URL: 'postgres://x', POLYAXON_INTERNAL_TOKEN: 'x', ...more });
const settings = (more: Record<string, string>) => kafkaSettings(told({ POLYAXON_KAFKA_BROKERS: 'a:9092, b:9092', ...more }));

describe('the settings of Kafka', () => {
  it('are none without brokers', () => expect(kafkaSettings(told({}))).toBeUndefined());
  it('have sane defaults', () => expect(settings({})).toEqual({ brokers: ['a:9092', 'b:9092'], topicPrefix: '', partitions: 6, replicationFactor: 2 }));
  it('say who comes, and encrypt', () =>
    expect(settings({ POLYAXON_KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', POLYAXON_KAFKA_SASL_USERNAME: 'me', POLYAXON_KAFKA_SASL_PASSWORD: 'secret', POLYAXON_KAFKA_REPLICATION_FACTOR: '3' })).toMatchObject({
      replicationFactor: 3, tls: {}, sasl: { mechanism: 'SCRAM-SHA-512', username: 'me', password: 'secret' },
    }));
  it.each([
    [{ POLYAXON_KAFKA_BROKERS: 'http://a:9092' }, 'POLYAXON_KAFKA_BROKERS: expected host:port'],
    [{ POLYAXON_KAFKA_SECURITY_PROTOCOL: 'TLS' }, 'POLYAXON_KAFKA_SECURITY_PROTOCOL=TLS: expected PLAINTEXT or SSL'],
    [{ POLYAXON_KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' }, 'needs POLYAXON_KAFKA_SASL_USERNAME'],
    [{ POLYAXON_KAFKA_SECURITY_PROTOCOL: 'SSL', POLYAXON_KAFKA_CA_FILE: '/nowhere' }, 'POLYAXON_KAFKA_CA_FILE=/nowhere: ENOENT'],
  ])('%j is refused', (more, reason) => expect(() => settings(more as unknown as Record<string, string>)).toThrow(reason));
});
