// Has a subscriber the same effects, whatever an honest bus does to the events?
import { setTimeout as pass } from 'node:timers/promises';
import type { Stored } from '#event-store';
import { chanceOf, type Chance } from './chance.ts';
import { duplicated, pieces, reordered } from './deliveries.ts';
import { Stage, type Heard } from './stage.ts';
import { readSamples, tellStory } from './story.ts';
import { CannotCheck, effectsOf, Subscriber } from './subscriber.ts';

export const deliveryNames = ['duplicated', 'replayed', 'reordered', 'killed'] as const;
export type DeliveryName = (typeof deliveryNames)[number];

export interface Check {
  readonly command: string;
  readonly effects: string;
  readonly brokers: readonly string[];
  /** Folder of the golden samples. */
  readonly golden: string;
  readonly seed: number;
  /** Streams of each category. */
  readonly lives: number;
  /** For one delivery. */
  readonly patienceMs: number;
  readonly only: readonly DeliveryName[];
}

export interface Verdict {
  readonly delivery: DeliveryName | 'once';
  readonly records: number;
  /** What else there is to know, such as when it was killed. */
  readonly told: string;
  /** Lines of effects that are there once delivered cleanly, and not now; and the other way round. */
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

const killTimes = 3;
const killedWithinMs = 200;
const lookEveryMs = 50;

interface Delivered {
  readonly effects: readonly string[];
  readonly records: number;
  readonly told?: string;
}

/** First once, cleanly; then each of the others is compared with that. `tell` hears of every one. */
export async function checkSubscriber(check: Check, tell: (verdict: Verdict) => void): Promise<Verdict[]> {
  const events = tellStory(readSamples(check.golden), check.lives, chanceOf(check.seed));
  const clean = await deliver(check, 'once', events, []);
  if (clean.effects.length === 0) throw new CannotCheck(`it has no effects to compare: after ${events.length} events this printed nothing: ${check.effects}`);
  const verdicts: Verdict[] = [{ delivery: 'once', records: events.length, told: `${clean.effects.length} lines of effects`, missing: [], extra: [] }];
  verdicts.forEach(tell);
  for (const delivery of check.only) {
    const { effects, records, told = '' } = await deliver(check, delivery, events, clean.effects);
    const verdict = { delivery, records, told, missing: without(clean.effects, effects), extra: without(effects, clean.effects) };
    tell(verdict);
    verdicts.push(verdict);
  }
  return verdicts;
}

export const isSame = ({ missing, extra }: Verdict): boolean => missing.length + extra.length === 0;

async function deliver(check: Check, name: Verdict['delivery'], events: readonly Stored[], clean: readonly string[]): Promise<Delivered> {
  const stage = await Stage.open(check.brokers, name);
  try {
    const chance = chanceOf(check.seed + 1);
    if (name === 'killed') return await killed(check, stage, events, chance);
    const records = name === 'duplicated' ? duplicated(events, chance) : name === 'reordered' ? reordered(events, chance) : events;
    await stage.publish(records);
    const effects = await hearAll(check, stage);
    if (name !== 'replayed' || without(clean, effects).length > 0) return { effects, records: records.length };
    await stage.publish(events); // as `polyaxon admin refill-topics` does
    stage.fromTheBeginning();
    return { effects: await hearAll(check, stage), records: 3 * records.length };
  } finally {
    await stage.close();
  }
}

async function killed(check: Check, stage: Stage, events: readonly Stored[], chance: Chance): Promise<Delivered> {
  const places: string[] = [];
  for (const piece of pieces(events, killTimes + 1).slice(0, killTimes)) {
    const subscriber = new Subscriber(check.command, stage.environment);
    try {
      const before = await until(check, subscriber, stage, (heard) => heard !== undefined);
      const [first = [], second = []] = pieces(piece, 2);
      await stage.publish(first);
      await until(check, subscriber, stage, (heard) => heard !== undefined && heard.done > before.done);
      await stage.publish(second); // in the middle of these
      await pass(chance.below(killedWithinMs));
    } finally {
      await subscriber.kill();
    }
    const heard = await stage.heard();
    places.push(heard ? `${heard.done} of ${heard.all}` : 'none');
    await stage.nextLife();
  }
  await stage.publish(pieces(events, killTimes + 1).slice(killTimes).flat());
  return { effects: await hearAll(check, stage), records: events.length, told: `with ${places.join(', ')} committed` };
}

/** Until it has committed everything; then it is stopped, and its effects are looked at. */
async function hearAll(check: Check, stage: Stage): Promise<string[]> {
  const subscriber = new Subscriber(check.command, stage.environment);
  try {
    await until(check, subscriber, stage, (heard) => heard !== undefined && heard.all > 0 && heard.done >= heard.all);
  } finally {
    await subscriber.stop();
  }
  return effectsOf(check.effects, stage.environment);
}

async function until({ patienceMs }: Check, subscriber: Subscriber, stage: Stage, isReached: (heard: Heard | undefined) => boolean): Promise<Heard> {
  for (const deadline = Date.now() + patienceMs; ; await pass(lookEveryMs)) {
    subscriber.assertAlive();
    const heard = await stage.heard();
    if (isReached(heard)) return heard ?? { done: 0, all: 0 };
    const got = heard ? `committed ${heard.done} of ${heard.all} records` : 'was not joined by the subscriber';
    if (Date.now() > deadline) throw new CannotCheck(`within ${patienceMs / 1000} s group ${stage.environment.KAFKA_GROUP} ${got}: it must take KAFKA_GROUP, and commit offsets`);
  }
}

/** Lines of one that the other lacks, with their number. */
function without(one: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return one.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
