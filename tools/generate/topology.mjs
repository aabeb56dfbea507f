// Who hears what? Writes the part of ARCHITECTURE.md between its two marks from the topologies of the services.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const built = (file) => import(join(root, 'dist', file));
const services = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'];

const { owners, schemaVersions } = await built('libs/contracts/src/index.js');
const topologies = await Promise.all(services.map(async (service) => (await built(`apps/${service}/src/topology.js`)).topology({})));

/** A topology is a table of functions: one is called as the method that it calls, else as it is called itself. */
const nameOf = (reaction, type) => (reaction.name === type ? (/=>\s*\w+\.(\w+)\(/.exec(String(reaction))?.[1] ?? 'reacts') : reaction.name);

const topics = [...new Set(topologies.flatMap(({ consumes }) => Object.keys(consumes)))].sort();
const ownerOf = (topic) => owners[topic.split('.')[0]];
const typesOf = (topic) => Object.keys(topologies.find(({ consumes }) => consumes[topic]).consumes[topic]);
const reactionTo = ({ consumes }, topic, type) => {
  const reaction = consumes[topic]?.[type];
  return reaction === undefined || reaction === 'ignore' ? '' : `\`${nameOf(reaction, type)}\``;
};

const arrows = topologies.flatMap(({ service, consumes }) => Object.keys(consumes).map((topic) => `  ${ownerOf(topic)} -- ${topic} --> ${service}`));
const rows = topics.flatMap((topic) => typesOf(topic).map((type) => ({ type, owner: ownerOf(topic), reactions: topologies.map((topology) => reactionTo(topology, topic, type)) })));
const heard = rows.filter(({ reactions }) => reactions.some(Boolean));
const unheard = Object.keys(schemaVersions).filter((type) => !heard.some((row) => row.type === type)).sort();

const text = `
\`\`\`mermaid
flowchart LR
${arrows.sort().join('\n')}
\`\`\`

| event | written by | ${services.join(' | ')} |
|---|---|${services.map(() => '---|').join('')}
${heard.map(({ type, owner, reactions }) => `| ${type} | ${owner} | ${reactions.join(' | ')} |`).join('\n')}

Nobody reacts to ${unheard.join(', ')}: they are for their owner, its views and the history.
`;

const document = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
const marks = /(<!-- topology: npm run generate -->\n)[^]*(<!-- \/topology -->)/;
if (!marks.test(document)) throw new Error('ARCHITECTURE.md has lost its marks <!-- topology: npm run generate --> and <!-- /topology -->');
const target = process.argv[2] ?? join(root, 'ARCHITECTURE.md');
writeFileSync(target, document.replace(marks, (_, from, to) => from + text.trimStart() + to));
console.log(`${heard.length} events, ${services.length} services -> ${target}`);
