// What may others subscribe to? An AsyncAPI 3.0 document of the topics, their keys, headers and messages, made from contracts.

/** Those that every record has; `ce_causationid` is not there when a user's request was the cause. */
const headers = {
  'content-type': { const: 'application/json' },
  ce_specversion: { const: '1.0', description: 'CloudEvents 1.0, binary mode.' },
  ce_id: { format: 'uuid', description: 'The same event published again has the same id: remember it together with your effect.' },
  ce_type: { description: 'Name of the event.' },
  ce_source: { description: 'The service that wrote it, the only one that may.' },
  ce_subject: { pattern: '^[a-z]+-[0-9]+$', description: 'The stream; it is the key, too.' },
  ce_time: { format: 'date-time', description: 'When it was appended to the store.' },
  ce_dataschema: { description: 'Name and version of its schema; a change that is no addition is a new version.' },
  ce_sequence: { pattern: '^(0|[1-9][0-9]*)$', description: 'Its place in the stream, from 0 without a gap.' },
  ce_correlationid: { description: 'The request it belongs to.' },
  ce_causationid: { description: 'The event that caused it; absent when a request did.' },
  ce_actor: { description: 'The user or the service that did it.' },
};
const deadHeaders = {
  ce_deadreason: { description: 'Why it could not be handled.' },
  ce_deadgroup: { description: 'The group that gave it up.' },
  ce_deadtries: { pattern: '^[1-9][0-9]*$', description: 'How often it tried.' },
};

const typed = (table) => Object.fromEntries(Object.entries(table).map(([name, rules]) => [name, { type: 'string', ...rules }]));
const headersOf = (table) => ({ type: 'object', properties: typed(table), required: Object.keys(table).filter((name) => name !== 'ce_causationid') });
const reference = (...path) => ({ $ref: `#/${path.join('/')}` });
const upper = (word) => word[0].toUpperCase() + word.slice(1);
const idOf = (topic) => topic.replace(/[-.](\w)/g, (_, letter) => letter.toUpperCase());

/** `schemas` has one entry for each version of each event: `{ type, version, schema }`; `hears` names the categories whose events a service reacts to. */
export function asyncapi({ schemas, categories, topics, hears }) {
  const keyOf = ({ type, version }) => `${type}.v${version}`;
  const message = ({ type, version, schema }) => ({
    name: type,
    title: `${type}, version ${version}`,
    ...(schema.description && { summary: schema.description }),
    contentType: 'application/json',
    correlationId: reference('components', 'correlationIds', 'request'),
    headers: { allOf: [reference('components', 'schemas', 'Headers'), { type: 'object', properties: typed({ ce_type: { const: type }, ce_dataschema: { const: `/schemas/${type}/v${version}` } }) }] },
    payload: reference('components', 'schemas', keyOf({ type, version })),
    bindings: { kafka: { key: { type: 'string', description: 'The stream: what has the same key is in order.', pattern: `^${categories[type]}-[0-9]+$` }, bindingVersion: '0.5.0' } },
  });
  const kafka = ({ topic, partitions, replicationFactor, config }) => ({
    topic,
    partitions,
    replicas: replicationFactor,
    topicConfiguration: Object.fromEntries(Object.entries(config).map(([name, value]) => [name, name === 'cleanup.policy' ? [value] : Number(value)])),
    bindingVersion: '0.5.0',
  });
  const channel = (wanted) => ({
    address: wanted.topic,
    title: wanted.category ? `Events of ${wanted.category} streams` : `What ${wanted.writer} could not handle`,
    description: wanted.category
      ? `Every event of every ${wanted.category} stream there ever was, written by ${wanted.writer} alone. In order within its key, each at least once.`
      : `Events of ${hears[wanted.writer].map((category) => `${category}.events`).join(', ')} that ${wanted.writer} gave up, as they were, with the reason in their headers.`,
    messages: wanted.category
      ? Object.fromEntries(schemas.filter(({ type }) => categories[type] === wanted.category).map((one) => [keyOf(one), reference('components', 'messages', keyOf(one))]))
      : { DeadLetter: reference('components', 'messages', 'DeadLetter') },
    bindings: { kafka: kafka(wanted) },
  });
  const operation = ({ topic, category, writer }) => [
    `publish${upper(idOf(topic))}`,
    { action: 'send', channel: reference('channels', idOf(topic)), summary: category ? `The relay publishes what ${writer} has written.` : `${writer} puts aside what it can't handle.` },
  ];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Events of the Polyaxon platform',
      version: '1.0.0',
      description:
        'What happens on the platform, on Kafka, for subscribers. Generated from the code by `npm run generate`. Topics and groups begin with POLYAXON_KAFKA_TOPIC_PREFIX where one is set; partitions ' +
        'and replicas are those a topic is made with unless the operator says otherwise. Ignore headers, keys of data, and types of events that you do not know: they are additions. ' +
        'A new version of an event is a new message beside the old one.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topics.map((wanted) => [idOf(wanted.topic), channel(wanted)])),
    operations: Object.fromEntries(topics.map(operation)),
    components: {
      correlationIds: { request: { description: 'The request an event belongs to, over all streams.', location: '$message.header#/ce_correlationid' } },
      messages: {
        ...Object.fromEntries(schemas.map((one) => [keyOf(one), message(one)])),
        DeadLetter: {
          name: 'DeadLetter',
          title: 'An event that was given up',
          contentType: 'application/json',
          correlationId: reference('components', 'correlationIds', 'request'),
          headers: { allOf: [reference('components', 'schemas', 'Headers'), headersOf(deadHeaders)] },
          payload: { type: 'object', description: 'The data of the event as it was; `ce_dataschema` names its schema.' },
          bindings: { kafka: { key: { type: 'string', description: 'The stream.' }, bindingVersion: '0.5.0' } },
        },
      },
      schemas: { Headers: headersOf(headers), ...Object.fromEntries(schemas.map((one) => [keyOf(one), one.schema])) },
    },
  };
}
