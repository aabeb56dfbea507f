// What do the variables that every service is told come to?
import { readFileSync } from 'node:fs';
import type { KafkaSettings } from '#messaging';
import { ConfigurationInvalid, type ConfigurationOf, type kafkaVariables, type serviceVariables } from './configuration.ts';
import type { ServiceBase } from './service.ts';

type Told = ConfigurationOf<typeof serviceVariables>;
type ToldOfKafka = ConfigurationOf<typeof kafkaVariables>;

export function serviceBase(told: Told & { readonly POLYAXON_PORT: number }): ServiceBase {
  const { POLYAXON_DATABASE_URL: databaseUrl, POLYAXON_HOST: host, POLYAXON_PORT: port, POLYAXON_LOG_LEVEL: logLevel, POLYAXON_LEASE_SECONDS: leaseSeconds } = told;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: ratio } = told;
  return { databaseUrl, host, port, logLevel, leaseSeconds, kafka: kafkaSettings(told), ...(endpoint && { traces: { endpoint, ratio } }) };
}

/** Undefined when no broker is named. What doesn't fit together is refused, by the name of the variable. */
export function kafkaSettings(told: ToldOfKafka): KafkaSettings | undefined {
  const brokers = told.POLYAXON_KAFKA_BROKERS.split(',').map((one) => one.trim()).filter(Boolean);
  if (brokers.length === 0) return undefined;
  const wrong = brokers.find((one) => !/^[^\s:]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i.test(one));
  if (wrong) throw new ConfigurationInvalid(`POLYAXON_KAFKA_BROKERS: expected host:port, not ${wrong}`);
  const protocol = told.POLYAXON_KAFKA_SECURITY_PROTOCOL;
  return {
    brokers,
    topicPrefix: told.POLYAXON_KAFKA_TOPIC_PREFIX,
    partitions: told.POLYAXON_KAFKA_PARTITIONS,
    replicationFactor: told.POLYAXON_KAFKA_REPLICATION_FACTOR || Math.min(3, brokers.length),
    ...((protocol === 'SSL' || protocol === 'SASL_SSL') && { tls: tlsOf(told) }),
    ...((protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL') && { sasl: saslOf(told) }),
  };
}

function tlsOf(told: ToldOfKafka): NonNullable<KafkaSettings['tls']> {
  const [ca, certificate, key] = (['POLYAXON_KAFKA_CA_FILE', 'POLYAXON_KAFKA_CERTIFICATE_FILE', 'POLYAXON_KAFKA_KEY_FILE'] as const).map((name) => contentOf(name, told[name]));
  if ((certificate === undefined) !== (key === undefined)) throw new ConfigurationInvalid('POLYAXON_KAFKA_CERTIFICATE_FILE and POLYAXON_KAFKA_KEY_FILE go together');
  return { ...(ca && { ca }), ...(certificate && { certificate }), ...(key && { key }) };
}

function saslOf(told: ToldOfKafka): NonNullable<KafkaSettings['sasl']> {
  const { POLYAXON_KAFKA_SASL_MECHANISM: mechanism, POLYAXON_KAFKA_SASL_USERNAME: username, POLYAXON_KAFKA_SASL_PASSWORD: password } = told;
  if (!username || !password) throw new ConfigurationInvalid(`POLYAXON_KAFKA_SECURITY_PROTOCOL=${told.POLYAXON_KAFKA_SECURITY_PROTOCOL} needs POLYAXON_KAFKA_SASL_USERNAME and POLYAXON_KAFKA_SASL_PASSWORD`);
  return { mechanism, username, password };
}

function contentOf(name: string, file: string): string | undefined {
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigurationInvalid(`${name}=${file}: ${(error as Error).message}`);
  }
}
