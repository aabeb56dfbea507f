// What is a service told from outside, and what does it say when that is wrong?
import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One variable of the environment: what it means, and its value from text. `parse` throws an Error whose message says what was expected. */
export interface Variable<Value> {
  readonly describe: string;
  readonly fallback?: Value;
  /** Never printed. */
  readonly secret?: boolean;
  parse(text: string): Value;
}

export type Variables = Readonly<Record<string, Variable<unknown>>>;
export type ConfigurationOf<V extends Variables> = { readonly [Name in keyof V]: V[Name] extends Variable<infer Value> ? Value : never };

/** The service must not start; the message names every wrong variable. */
export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';
}

export function text(describe: string, fallback?: string): Variable<string> {
  return { describe, ...(fallback !== undefined && { fallback }), parse: (value) => value };
}

export function secret(describe: string, fallback?: string): Variable<string> {
  return { describe, secret: true, ...(fallback !== undefined && { fallback }), parse: (value) => value };
}

export function integer(describe: string, { min, max, fallback }: { min: number; max: number; fallback?: number }): Variable<number> {
  return {
    describe,
    ...(fallback !== undefined && { fallback }),
    parse(value) {
      const number = Number(value);
      if (!Number.isInteger(number) || number < min || number > max) throw new Error(`expected a whole number from ${min} to ${max}`);
      return number;
    },
  };
}

export function choice<Value extends string>(describe: string, values: readonly Value[], fallback: Value): Variable<Value> {
  return {
    describe,
    fallback,
    parse(value) {
      const found = values.find((one) => one === value);
      if (found === undefined) throw new Error(`expected ${values.filter(Boolean).join(' or ')}`);
      return found;
    },
  };
}

export function url(describe: string, protocols: readonly string[], fallback?: string): Variable<string> {
  return {
    describe,
    ...(fallback !== undefined && { fallback }),
    parse(value) {
      const protocol = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : '';
      if (!protocols.includes(protocol)) throw new Error(`expected a URL that starts with ${protocols.map((one) => `${one}://`).join(' or ')}`);
      return value.replace(/\/$/, '');
    },
  };
}

/** Of the instances of one service, separated by commas. */
export function urls(describe: string, protocols: readonly string[]): Variable<readonly string[]> {
  const one = url(describe, protocols);
  return { describe: `${describe}; of several instances, all of them, separated by commas`, parse: (value) => value.split(',').map((each) => one.parse(each.trim())) };
}

/** Empty: there is none. */
export function optionalUrl(describe: string, protocols: readonly string[]): Variable<string> {
  return { ...url(describe, protocols), fallback: '' };
}

export function share(describe: string, fallback: number): Variable<number> {
  return {
    describe,
    fallback,
    parse(value) {
      const number = Number(value);
      if (!(number >= 0 && number <= 1)) throw new Error('expected a number from 0 to 1');
      return number;
    },
  };
}

/** All variables at once; an empty one counts as unset. `NAME_FILE` names a file that holds the value of `NAME`, as containers are given their secrets. */
export function readConfiguration<V extends Variables>(variables: V, environment: Environment): ConfigurationOf<V> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(variables)) {
    try {
      const { said, value: given } = valueOf(name, variables, environment);
      if (given === '') {
        if ('fallback' in variable) values[name] = variable.fallback;
        else problems.push(`${name} is not set: ${variable.describe}`);
        continue;
      }
      values[name] = parsed(variable, given, said);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new ConfigurationInvalid(problems.join('; '));
  return values as ConfigurationOf<V>;
}

interface Given {
  readonly value: string;
  /** As a problem with it names it: what came from a file is never shown. */
  readonly said: string;
}

/** A variable that is itself called `NAME_FILE` means something of its own. */
function valueOf(name: string, variables: Variables, environment: Environment): Given {
  const value = environment[name] ?? '';
  const inFile = `${name}_FILE`;
  const file = inFile in variables ? '' : (environment[inFile] ?? '');
  if (file === '') return { value, said: `${name}=${value}` };
  if (value !== '') throw new Error(`${name} and ${inFile} are both set: leave one of them out`);
  try {
    const content = readFileSync(file, 'utf8').trim();
    if (content !== '') return { value: content, said: inFile };
  } catch (error) {
    throw new Error(`${inFile}=${file}: ${(error as Error).message}`);
  }
  throw new Error(`${inFile}=${file}: the file is empty`);
}

function parsed(variable: Variable<unknown>, given: string, said: string): unknown {
  try {
    return variable.parse(given);
  } catch (error) {
    throw new Error(`${variable.secret ? said.split('=')[0] : said}: ${(error as Error).message} (${variable.describe})`);
  }
}

/** How Kafka is reached, in Kafka's own words. */
export const kafkaVariables = {
  POLYAXON_KAFKA_BROKERS: text('host:port of Kafka brokers, separated by commas; empty: services hear each other through Postgres', ''),
  POLYAXON_KAFKA_TOPIC_PREFIX: text('before the names of topics and groups, for several platforms on one cluster', ''),
  POLYAXON_KAFKA_PARTITIONS: integer('partitions of topics that are made; as many instances of a service can share the work', { min: 1, max: 1000, fallback: 6 }),
  POLYAXON_KAFKA_REPLICATION_FACTOR: integer('copies of topics that are made; 0: as many as brokers are named, at most 3', { min: 0, max: 10, fallback: 0 }),
  POLYAXON_KAFKA_SECURITY_PROTOCOL: choice('how brokers are spoken to: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL', ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'], 'PLAINTEXT'),
  POLYAXON_KAFKA_SASL_MECHANISM: choice('how the platform shows who it is: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512', ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'], 'SCRAM-SHA-512'),
  POLYAXON_KAFKA_SASL_USERNAME: text('name for SASL', ''),
  POLYAXON_KAFKA_SASL_PASSWORD: secret('password for SASL', ''),
  POLYAXON_KAFKA_CA_FILE: text('PEM file with the authority to trust; empty: those of the system', ''),
  POLYAXON_KAFKA_CERTIFICATE_FILE: text('PEM file with a certificate of the platform, where brokers ask for one', ''),
  POLYAXON_KAFKA_KEY_FILE: text('PEM file with its key', ''),
} as const;

/** Standard names, so that whoever traces other programs knows them. */
const traceVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: optionalUrl('where OpenTelemetry traces are sent, OTLP over HTTP, without /v1/traces; empty: nothing is traced', ['http', 'https']),
  OTEL_TRACES_SAMPLER_ARG: share('of the traces that begin here, how many are kept: 0 to 1', 1),
} as const;

/** What every service is told. */
export const serviceVariables = {
  POLYAXON_DATABASE_URL: url('Postgres that keeps the events and the views', ['postgres', 'postgresql']),
  POLYAXON_INTERNAL_TOKEN: secret('shared by the services for reads among themselves'),
  POLYAXON_HOST: text('address a service listens on', '127.0.0.1'),
  POLYAXON_LOG_LEVEL: text('fatal, error, warn, info, debug or trace', 'info'),
  POLYAXON_LEASE_SECONDS: integer('an instance that is paused, or cut off from the database, for so long is replaced by another one', { min: 1, max: 600, fallback: 8 }),
  ...kafkaVariables,
  ...traceVariables,
} as const;

export const outputsRoot = text('folder under which outputs paths are laid out');
export const logsRoot = text('folder under which logs paths are laid out');
export const codeRoot = text('folder under which uploaded code is kept by its digest');
export const runsRoot = text('folder of what the local executor keeps of each attempt');
export const port = (fallback?: number) => integer('port a service listens on; 0: any free one', { min: 0, max: 65535, ...(fallback !== undefined && { fallback }) });
