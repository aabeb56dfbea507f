// From which checkpoint does a program go on, and which would keep it from that?
import type { CheckpointChoice, CheckpointSummary } from '#contracts';
import type { FoundCheckpoint } from './find-checkpoints.ts';
import { nameOf } from './recogniser.ts';

export interface Choice extends CheckpointChoice {
  readonly offered: FoundCheckpoint | null;
  readonly setAside: readonly FoundCheckpoint[];
}

/**
 * Newest first. Without `from` it is the newest that is whole, and what is damaged is set aside where a program that takes the latest of a series would meet it. A damaged
 * one that nothing of its series could stand in for is the newest thing there is only when a program's next step is unknown: that is a person's to decide.
 */
export function choose(checkpoints: readonly FoundCheckpoint[], from: string | null): Choice {
  const real = checkpoints.filter(({ isPointer }) => !isPointer);
  return from === null ? newestWhole(real, checkpoints) : named(real, from);
}

function newestWhole(real: readonly FoundCheckpoint[], all: readonly FoundCheckpoint[]): Choice {
  const damaged = real.filter(({ complete }) => !complete);
  const whole = real.filter(({ complete }) => complete);
  const offered = whole[0] ?? null;
  const [newest] = all;
  if (!offered) return { offered, setAside: [], problem: newest ? damagedBecause(`no checkpoint is whole: ${newest.path}: ${newest.problem}`) : null, alternatives: [] };
  const seriesWithWhole = new Set(whole.map(seriesOf));
  const setAside = damaged.filter((one) => seriesWithWhole.has(seriesOf(one)));
  const [latest] = real;
  if (latest && !latest.complete && !setAside.includes(latest)) {
    const problem = `${latest.path}, the newest, is damaged, and there is no other of its kind: ${latest.problem}`;
    return { offered, setAside: [], problem: damagedBecause(problem), alternatives: whole.slice(0, 3).map(({ path }) => path) };
  }
  return { offered, setAside, problem: null, alternatives: [] };
}

/** By its path, its name, or its step. Whatever is newer, or damaged, is set aside: the program starts where it was told to. */
function named(real: readonly FoundCheckpoint[], from: string): Choice {
  const wanted = from.replace(/^\.\//, '').replace(/\/+$/, '');
  const whole = real.filter(({ complete }) => complete);
  const alternatives = whole.slice(0, 3).map(({ path }) => path);
  const matching = [
    real.filter(({ path }) => path === wanted),
    real.filter(({ path }) => nameOf(path) === wanted),
    real.filter(({ step }) => /^\d{1,15}$/.test(wanted) && step === Number(wanted)),
  ].find((some) => some.length > 0) ?? [];
  const offered = matching.find(({ complete }) => complete);
  const [first] = matching;
  if (!first) return { offered: null, setAside: [], problem: { code: 'checkpoint-not-found', message: `there is no checkpoint ${JSON.stringify(from)}` }, alternatives };
  if (!offered) return { offered: null, setAside: [], problem: damagedBecause(`${first.path} is damaged: ${first.problem}`), alternatives };
  const isLater = (one: FoundCheckpoint): boolean => one.modifiedAt > offered.modifiedAt || (one.step !== null && offered.step !== null && one.step > offered.step && seriesOf(one) === seriesOf(offered));
  return { offered, setAside: real.filter((one) => one !== offered && !matching.includes(one) && (isLater(one) || !one.complete)), problem: null, alternatives: [] };
}

function damagedBecause(message: string): NonNullable<CheckpointChoice['problem']> {
  return { code: 'checkpoints-damaged', message };
}

/** What a program writes again and again under other numbers. */
function seriesOf({ framework, path }: CheckpointSummary): string {
  return `${framework} ${path.replaceAll(/\d+/g, '#')}`;
}
