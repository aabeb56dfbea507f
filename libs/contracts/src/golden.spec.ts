// Can everything that was ever written still be read?
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { categoryOf, isEventType, NewerEvent, owners, parseEvent, refusalStatuses, schemaVersions, UnreadableEvent } from './index.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../golden');
const samples = readdirSync(folder).map((file) => {
  const [type = '', version = ''] = file.replace('.json', '').split('.v');
  return { file, type, version: Number(version), data: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, unknown> };
});

describe('golden samples', () => {
  it.each(samples)('$file is still read', ({ type, version, data }) => {
    expect(parseEvent(type, version, data)).toMatchObject({ type });
  });
  it('there is one of every version of every event', () => {
    const expected = Object.entries(schemaVersions).flatMap(([type, current]) => Array.from({ length: current }, (_, index) => `${type}.v${index + 1}.json`));
    expect(samples.map(({ file }) => file).sort()).toEqual(expected.sort());
  });
  it('each fails without any one of its required keys', () => {
    for (const { type, version, data } of samples) {
      for (const key of Object.keys(data)) {
        const { [key]: _, ...rest } = data;
        const optional = /Described$/.test(type) && !['experimentId', 'projectId', 'groupId', 'describedAt'].includes(key);
        if (optional) expect(parseEvent(type, version, rest)).toMatchObject({ type });
        else expect(() => parseEvent(type, version, rest)).toThrow(UnreadableEvent);
      }
    }
  });
  it('keep keys that were added since', () => expect(parseEvent('RunStopRequested', 1, { experimentId: 1, requestedAt: 'x', added: 1 }).data).toHaveProperty('added', 1));
});

describe('what is no event of ours', () => {
  it('is unreadable, whatever it is', () =>
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(schemaVersions)), fc.jsonValue(), (type, json) => {
        const isObject = typeof json === 'object' && json !== null && !Array.isArray(json) && Object.hasOwn(json, 'experimentId');
        if (!isObject) expect(() => parseEvent(type, 1, json)).toThrow(UnreadableEvent);
      }),
    ));
  it('by name is unreadable', () => {
    for (const name of ['', 'toString', '__proto__', 'ExperimentUpdated']) {
      expect(isEventType(name)).toBe(false);
      expect(() => parseEvent(name, 1, {})).toThrow(UnreadableEvent);
    }
  });
  it('but newer waits for the upgrade', () => expect(() => parseEvent('ExperimentCreated', 99, {})).toThrow(NewerEvent));
});

it('every stream has one owner', () => {
  for (const category of Object.keys(owners)) expect(categoryOf(`${category}-23`)).toBe(category);
  expect(() => categoryOf('user-1')).toThrow('not a stream of ours');
});

it('every refusal is a client’s business', () => {
  for (const status of Object.values(refusalStatuses)) expect(Math.floor(status / 100)).toBe(4);
});
