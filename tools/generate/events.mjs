// What do other people's programs need to read our events? Writes docs/events: a JSON Schema of every version of every event, and the AsyncAPI document.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncapi } from './asyncapi.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const built = (file) => import(join(root, 'dist', file));
const { eventCategories, eventSchemas, owners, schemaVersions } = await built('libs/contracts/src/index.js');
const { wantedTopics } = await built('libs/messaging/src/index.js');

const kept = join(root, 'docs/events');
const target = process.argv[2] ?? kept;
const fileOf = (type, version) => `${type}.v${version}.json`;

/** Of a former version there are no types any more: its file was made when it was the current one, and stays. */
function schemaOf(type, version) {
  if (version === schemaVersions[type])
    return { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: `/schemas/${type}/v${version}`, ...eventSchemas[type] };
  if (!existsSync(join(kept, fileOf(type, version)))) throw new Error(`${fileOf(type, version)} is not in docs/events: bring it back, it is read for ever`);
  return JSON.parse(readFileSync(join(kept, fileOf(type, version)), 'utf8'));
}

const services = [...new Set(Object.values(owners))];
const hears = Object.fromEntries(
  await Promise.all(services.map(async (service) => [service, Object.keys((await built(`apps/${service}/src/topology.js`)).topology({}).consumes).map((topic) => topic.split('.')[0])])),
);
const versions = Object.entries(schemaVersions).flatMap(([type, current]) => Array.from({ length: current }, (_, index) => ({ type, version: index + 1 })));
const full = versions.map((one) => ({ ...one, schema: schemaOf(one.type, one.version) }));
/** Inside of the document schemas have its dialect, and no names of their own. */
const inner = full.map(({ schema: { $schema: _, $id: __, ...schema }, ...one }) => ({ ...one, schema }));
const topics = wantedTopics({ topicPrefix: '', partitions: 6, replicationFactor: 3 });

mkdirSync(target, { recursive: true });
const write = (name, value) => writeFileSync(join(target, name), `${JSON.stringify(value, null, 2)}\n`);
for (const { type, version, schema } of full) write(fileOf(type, version), schema);
write('asyncapi.json', asyncapi({ schemas: inner, categories: eventCategories, topics, hears }));
console.log(`${full.length} schemas, ${topics.length} topics -> ${target}`);
