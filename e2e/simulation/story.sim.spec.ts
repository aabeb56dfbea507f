// Do the rules hold in ten thousand stories, whatever is killed, late, doubled or overtaken? And would they tell?
import { eventSchemas, type EventType } from '#contracts';
import { mutants } from './mutants.ts';
import { Story, type Ending, type Mutant } from './story.ts';

/** `SIMULATION_SEEDS=500` tells fewer stories; `SIMULATION_SEED=1234` tells that one, step by step. */
const { SIMULATION_SEEDS: seeds = '10000', SIMULATION_SEED: seed } = process.env;
const stepsShown = 40;
const enoughToCatch = 500;

interface Told extends Ending {
  readonly seed: number;
}

/** Until a rule is broken: that story is the last one. */
async function* stories(first: number, count: number, mutant?: Mutant): AsyncGenerator<Told> {
  for (let next = first; next < first + count; next += 1) {
    const ending = await new Story(next, mutant).tell();
    yield { seed: next, ...ending };
    if (ending.broken) return;
  }
}

function failureOf({ seed: failed, broken, steps }: Told): string {
  const again = `SIMULATION_SEED=${failed} TEST_SIZE=sim node --experimental-vm-modules node_modules/jest/bin/jest.js e2e/simulation`;
  return [`seed ${failed}: ${broken}`, ...steps.slice(-stepsShown), '', `to see all of it: ${again}`].join('\n');
}

describe('the platform', () => {
  it('keeps every rule in every story', async () => {
    for await (const told of seed === undefined ? stories(0, Number(seeds)) : stories(Number(seed), 1)) {
      if (seed !== undefined) process.stdout.write(`${told.steps.join('\n')}\n`);
      if (told.broken) throw new Error(failureOf(told));
    }
  }, 900_000);
});

(seed === undefined ? describe : describe.skip)('the simulation', () => {
  it('tells the same story for the same seed', async () => {
    const [once, again] = [await new Story(7).tell(), await new Story(7).tell()];
    expect(again).toEqual(once);
  });

  it('gets everywhere: every event that the services write to each other happens', async () => {
    const happened = new Set<string>();
    for await (const { events } of stories(0, 300)) for (const event of events) happened.add(event.split(' ')[1] as string);
    const elsewhere: EventType[] = [
      // nobody's run depends on them
      'ProjectCreated', 'ProjectDescribed', 'ProjectDeleted', 'CodeUploaded', 'ExperimentDescribed', 'ExperimentStatusReported', 'ExperimentOutputsDeleteRequested', 'ExperimentPinned', 'ExperimentUnpinned',
      'ExperimentCheckpointReported',
      ...Object.keys(eventSchemas).filter((type): type is EventType => type.startsWith('Group')),
      // nothing here leads to them
      'RunWarned', 'RunCheckpointSeen', 'CheckpointsFound',
    ];
    expect(Object.keys(eventSchemas).filter((type) => !happened.has(type)).sort()).toEqual(elsewhere.sort());
  }, 120_000);

  it.each(Object.entries(mutants))(`catches %s`, async (_, mutant) => {
    let caught: Told | undefined;
    for await (const told of stories(0, enoughToCatch, mutant)) if (told.broken) caught = told;
    expect(caught).toBeDefined();
    process.stdout.write(`  seed ${caught?.seed}: ${caught?.broken}\n`);
  }, 120_000);
});
