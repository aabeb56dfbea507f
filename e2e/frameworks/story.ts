// Does a training of one of the examples go on where it was stopped, in all the ways the page names?
import { existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { root } from '../platform.ts';
import { contentsOf } from '../training.ts';
import type { Person, Point } from './person.ts';

export interface Recipe {
  /** Of `<example>.py` and `<example>.yml`. */
  readonly example: string;
  readonly counts: 'steps' | 'epochs';
  /** Between two checkpoints. */
  readonly every: number;
  /** As the platform calls it. */
  readonly recognised: 'tensorflow' | 'keras' | 'pytorch';
  /** The checkpoint saved there. */
  readonly checkpoint: (at: number) => string;
  /** Null: the name doesn't tell. */
  readonly tells?: null;
  /** A file of the checkpoint saved there: cut off, and with an older checkpoint to stand in for it. */
  readonly cuts?: (at: number) => string;
}

/** Of one test: it waits for three trainings on a machine that may have much else to do. */
const timeoutMs = 400_000;

const example = (file: string): string => readFileSync(join(root, 'examples/frameworks', file), 'utf8');

export function story(person: () => Person, recipe: Recipe): void {
  const { example: name, counts, every, cuts } = recipe;
  const some = 2 * every;
  let source: ExperimentBody;
  /** What the outputs path of the source holds by now. */
  let last: Point;
  /** The run before. */
  let previous: ExperimentBody;

  const inspected = async (...experiments: ExperimentBody[]): Promise<Point[]> => person().inspects(`${name}.py`, ...experiments);

  /** The platform finds the checkpoint, and tells a person about it. */
  async function found(verb: string): Promise<void> {
    const { checkpoint } = await person().plan(`polyaxon experiment -xp ${source.id} ${verb}`);
    expect(checkpoint).toMatchObject({ path: recipe.checkpoint(last.at), framework: recipe.recognised, step: recipe.tells === null ? null : last.at, complete: true, problem: null });
  }

  /** What it recorded begins where it started and ends with what it saved last. */
  async function recorded(experiment: ExperimentBody): Promise<void> {
    expect(await person().metrics(experiment)).toEqual(person().points(experiment));
  }

  it(`$ polyaxon run -u -f ${name}.yml, stopped in the middle`, async () => {
    for (const file of [`${name}.py`, `${name}.yml`]) person().write(file, example(file));
    source = await person().types(`polyaxon run -u -f ${name}.yml -P ${counts}=1000000`);
    expect(await person().trained(source, some)).toMatchObject({ at: 0 });
    last = await person().stops(source);
    expect(last.at).toBeGreaterThanOrEqual(some);
    expect(await inspected(source)).toEqual([last]);
    await recorded(source);
    await found('resume');
  }, timeoutMs);

  it('resume goes on from the last checkpoint', async () => {
    const resumed = await person().types(`polyaxon experiment -xp ${source.id} resume`);
    expect(await person().trained(resumed, some)).toEqual(last);
    last = await person().stops(resumed);
    previous = resumed;
    await recorded(resumed);
  }, timeoutMs);

  it(cuts ? 'resume -u runs the newer code, from the one before a checkpoint that was cut off, which is set aside' : 'resume -u runs the newer code', async () => {
    person().write(`${name}.py`, `print('newer code', flush=True)\n${example(`${name}.py`)}`);
    const damaged = last.at;
    if (cuts) {
      const path = join(person().outputs(source), cuts(damaged));
      truncateSync(path, Math.floor(readFileSync(path).length / 2));
      last = person().points(previous).at(-2) as Point;
    }
    await found('resume -u');
    const resumed = await person().types(`polyaxon experiment -xp ${source.id} resume -u`);
    expect(await person().trained(resumed, some)).toEqual(last);
    expect(person().platform.log(resumed)).toMatch(/^newer code\n/);
    expect(person().platform.log(resumed)).not.toContain('passed over: ');
    if (cuts) {
      expect(existsSync(join(person().outputs(source), '.polyaxon/set-aside', String(resumed.id), cuts(damaged)))).toBe(true);
      const { results } = (await person().platform.api('GET', `root/frameworks/experiments/${resumed.id}/statuses?limit=100`)).body as { results: { status: string; message: string | null }[] };
      expect(results).toContainEqual(expect.objectContaining({ status: 'warning', message: expect.stringMatching(/was set aside in .*: goes on from /) }));
    }
    last = await person().stops(resumed);
    await recorded(resumed);
  }, timeoutMs);

  it('resume -f trains on with other params: with a learning rate of 0 the weights stay', async () => {
    const end = last.at + some;
    person().write('still.yml', `version: 1\nkind: experiment\nparams: {lr: 0, ${counts}: ${end}}\n`);
    const resumed = await person().types(`polyaxon experiment -xp ${source.id} resume -f still.yml`);
    expect(await person().trained(resumed, some)).toEqual(last);
    expect(await person().platform.done(resumed.id)).toMatchObject({ last_status: 'succeeded', original: `root.frameworks.${source.id}` });
    expect(person().platform.log(resumed)).not.toContain('newer code');
    expect(person().points(resumed).at(-1)).toEqual({ at: end, weights: last.weights });
    last = { at: end, weights: last.weights };
    await recorded(resumed);
  }, timeoutMs);

  it('restart starts at 0, restart --copy from the copied checkpoint; neither the source nor another copy changes', async () => {
    const before = contentsOf(person().outputs(source));
    await found('restart --copy');
    const restarted = await person().types(`polyaxon experiment -xp ${source.id} restart`);
    const one = await person().types(`polyaxon experiment -xp ${source.id} restart --copy`);
    person().write('still.yml', 'version: 1\nkind: experiment\nparams: {lr: 0}\n');
    const other = await person().types(`polyaxon experiment -xp ${source.id} restart --copy -f still.yml`);
    expect(await Promise.all([restarted, one, other].map((experiment) => person().trained(experiment, some)))).toEqual([expect.objectContaining({ at: 0 }), last, last]);
    const ends: Point[] = [];
    for (const experiment of [restarted, one, other]) {
      ends.push(await person().stops(experiment));
      await recorded(experiment);
    }
    expect(contentsOf(person().outputs(source))).toEqual(before);
    expect(await inspected(source, restarted, one, other)).toEqual([last, ...ends]);
    expect(ends[1]?.weights).not.toBe(last.weights);
    expect(ends[2]?.weights).toBe(last.weights);
  }, timeoutMs);
}
