// Can a stranger's program read what we publish, by nothing but docs/events?
import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { eventCategories, owners, type StreamName } from '#contracts';
import { theBeginning } from '#event-store';
import { cloudEvent, wantedTopics } from '#messaging';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));
const document = read('docs/events/asyncapi.json');
const golden = readdirSync(join(root, 'libs/contracts/golden')).map((file) => ({ file, type: file.split('.')[0] as keyof typeof eventCategories, data: read(`libs/contracts/golden/${file}`) }));

describe('schemas', () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: true, allowUnionTypes: true });

  it('there is one for every golden sample, and no other', () =>
    expect(readdirSync(join(root, 'docs/events')).filter((file) => file !== 'asyncapi.json').sort()).toEqual(golden.map(({ file }) => file).sort()));

  it.each(golden)('$file is what its schema says', ({ file, data }) => {
    const schema = read(`docs/events/${file}`);
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    const validate = ajv.compile(schema);
    expect(validate(data) ? [] : validate.errors).toEqual([]);
    for (const key of schema.required) {
      const { [key]: _, ...rest } = data;
      expect(validate(rest)).toBe(false);
    }
  });
});

describe('the AsyncAPI document', () => {
  it('is one, by the schema of AsyncAPI', () => {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const { definitions, ...schema } = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json');
    // ajv brings this one itself, and takes no second.
    const { 'http://json-schema.org/draft-07/schema': _, ...own } = definitions;
    const validate = ajv.compile({ ...schema, definitions: own });
    expect(validate(document) ? [] : validate.errors).toEqual([]);
    expect(validate({ ...document, channels: { bad: { address: 7 } } })).toBe(false);
  });

  it('points at nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((path) => path.split('/').reduce((at, key) => at?.[key], document) === undefined)).toEqual([]);
  });

  it('has every topic as it is made', () => {
    const channels = Object.values<any>(document.channels); // eslint-disable-line @typescript-eslint/no-explicit-any -- asserted
    const wanted = wantedTopics({ topicPrefix: '', partitions: 6, replicationFactor: 3 });
    expect(channels.map(({ address }) => address).sort()).toEqual(wanted.map(({ topic }) => topic).sort());
    for (const { topic, partitions, config } of wanted) {
      const { bindings } = channels.find(({ address }) => address === topic);
      expect(bindings.kafka).toMatchObject({ topic, partitions, topicConfiguration: { 'max.message.bytes': Number(config['max.message.bytes']) } });
    }
  });

  it.each(golden)('$file goes out under the headers and the key that it tells of', ({ file, type, data }) => {
    const metadata = { correlationId: 'c', causationId: 'd', actor: 'mona', schemaVersion: Number(file.split('.v')[1]?.split('.')[0]) };
    const stream: StreamName = `${eventCategories[type]}-23`;
    const { key, headers, value } = cloudEvent({ id: '3f0c1d4e-7b0a-4a39-9a55-1f8f4ad1c023', stream, position: 4, type, data, metadata, time: '2026-11-22T10:00:00.000Z', cursor: theBeginning });
    const name = file.replace('.json', '');
    const channel = document.channels[`${eventCategories[type]}Events`];
    expect(channel.messages[name]).toEqual({ $ref: `#/components/messages/${name}` });
    expect(channel.description).toContain(`written by ${owners[eventCategories[type]]} alone`);
    const message = document.components.messages[name];
    const ajv = formats.default(new Ajv({ strict: false }));
    const checked = (schema: object, what: unknown) => {
      const validate = ajv.compile({ ...schema, components: document.components });
      return validate(what) ? [] : validate.errors;
    };
    expect(checked(message.headers, headers)).toEqual([]);
    expect(checked(message.payload, JSON.parse(value))).toEqual([]);
    expect(checked(message.bindings.kafka.key, key)).toEqual([]);
    expect(Object.keys(headers ?? {}).filter((header) => !(header in document.components.schemas.Headers.properties))).toEqual([]);
  });
});
