// Which events does a subscriber get to hear? The golden samples, told as the lives of some experiments, runs, outputs and so on.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventCategories, schemaVersions, type Category, type EventType, type StreamName } from '#contracts';
import { theBeginning, type Stored } from '#event-store';
import type { Chance } from './chance.ts';

/** A stream has one of these, as its last. */
const endings: readonly EventType[] = ['RunSucceeded', 'RunFailed', 'RunStopped', 'OutputsDeleted', 'LogsDeleted', 'ExperimentDeleted', 'GroupDeleted', 'ProjectDeleted'];

interface Sample {
  readonly type: EventType;
  readonly version: number;
  readonly data: Record<string, unknown>;
}

/** Of a type in every version there ever was, so that a subscriber meets old ones, too. */
export function readSamples(folder: string): Sample[] {
  const order = Object.keys(schemaVersions);
  return readdirSync(folder)
    .map((file) => {
      const [type = '', version = ''] = file.replace('.json', '').split('.v');
      return { type: type as EventType, version: Number(version), data: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, unknown> };
    })
    .sort((one, other) => order.indexOf(one.type) - order.indexOf(other.type) || one.version - other.version);
}

/** `lives` streams of every category, in an order of commits in which many are under way at once. Times go on by a second with each event. */
export function tellStory(samples: readonly Sample[], lives: number, chance: Chance): Stored[] {
  const categories = [...new Set(Object.values(eventCategories))];
  const streams = categories.flatMap((category) => Array.from({ length: lives }, (_, index) => lifeOf(samples, category, index + 1)));
  return interleave(streams, chance);
}

function lifeOf(samples: readonly Sample[], category: Category, id: number): Stored[] {
  const own = samples.filter(({ type }) => eventCategories[type] === category);
  const last = own.filter(({ type }) => endings.includes(type));
  const before = own.filter((one) => !last.includes(one));
  const ending = last[id % last.length];
  return [...before, ...(ending ? [ending] : [])].map((sample, position) => record(sample, `${category}-${id}`, id, position));
}

function record({ type, version, data }: Sample, stream: StreamName, id: number, position: number): Stored {
  const time = new Date(Date.UTC(2026, 0, 1, 0, 0, id * 7 + position * (1 + (id % 5)))).toISOString();
  const moved = Object.entries(data).map(([key, value]) => [key, key === 'experimentId' || key === `${stream.split('-')[0]}Id` ? id : key.endsWith('At') && typeof value === 'string' ? time : value]);
  const metadata = { correlationId: uuid(stream), causationId: uuid(`${stream}@${position - 1}`), actor: 'check-subscriber', schemaVersion: version };
  return { id: uuid(`${stream}@${position}`), stream, position, type, data: Object.fromEntries(moved) as unknown, metadata, time, cursor: theBeginning };
}

/** The same place in the same stream is the same event, in every delivery. */
function uuid(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** All of them, each in its own order, mixed by chance. */
export function interleave<Event>(streams: readonly (readonly Event[])[], chance: Chance): Event[] {
  const left = streams.filter((stream) => stream.length > 0).map((stream) => ({ stream, next: 0 }));
  const mixed: Event[] = [];
  while (left.length > 0) {
    const index = chance.below(left.length);
    const one = left[index] as (typeof left)[number];
    mixed.push(one.stream[one.next] as Event);
    one.next += 1;
    if (one.next === one.stream.length) left.splice(index, 1);
  }
  return mixed;
}
