// Does what a subscriber is checked with stay within what the bus promises?
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEvent, schemaVersions } from '#contracts';
import { chanceOf } from './chance.ts';
import { duplicated, pieces, reordered } from './deliveries.ts';
import { readSamples, tellStory } from './story.ts';

const golden = join(resolve(dirname(fileURLToPath(import.meta.url)), '../..'), 'libs/contracts/golden');
const story = tellStory(readSamples(golden), 8, chanceOf(1));
const positions = (events: typeof story, stream: string) => events.filter((event) => event.stream === stream).map(({ position }) => position);
const orders = (events: typeof story) => Object.fromEntries([...new Set(events.map(({ stream }) => stream))].sort().map((stream) => [stream, positions(events, stream)]));
const firsts = (events: typeof story) => events.filter((event, index) => events.indexOf(event) === index);

it('the story holds every event there is, readable, each stream without a gap', () => {
  expect([...new Set(story.map(({ type }) => type))].sort()).toEqual(Object.keys(schemaVersions).sort());
  for (const { type, metadata, data } of story) expect(parseEvent(type, metadata.schemaVersion, data)).toMatchObject({ type });
  for (const places of Object.values(orders(story))) expect(places).toEqual(places.map((_, index) => index));
  expect(new Set(story.map(({ id }) => id)).size).toBe(story.length);
  expect(tellStory(readSamples(golden), 8, chanceOf(1))).toEqual(story);
});

it.each([1, 2, 3, 4, 5])('another order is another, and the same in each stream (%d)', (seed) => {
  const other = reordered(story, chanceOf(seed));
  expect(other).not.toEqual(story);
  expect(orders(other)).toEqual(orders(story));
});

it.each([1, 2, 3, 4, 5])('duplicates come after the first of them, which are in order (%d)', (seed) => {
  const delivered = duplicated(story, chanceOf(seed));
  expect(delivered.length).toBeGreaterThan(story.length * 1.3);
  expect(firsts(delivered)).toEqual(story);
});

it('pieces are the whole', () => expect(pieces(story, 4).flat()).toEqual(story));
