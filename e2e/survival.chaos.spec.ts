// Is anything lost, or done twice, when parts of the platform are killed at random?
import { hasKafka, until } from '#testing';
import type { Part } from './platform.ts';
import { services, Trial } from './survival/trial.ts';

const commands = Number(process.env.CHAOS_COMMANDS ?? 120);
const kills = Number(process.env.CHAOS_KILLS ?? 24);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
/** `CHAOS_BUS=postgres`: without Kafka, which else is killed as well. */
const bus = process.env.CHAOS_BUS === 'postgres' || !hasKafka('4.2.0') ? 'postgres' : 'kafka';
const users = Number(process.env.CHAOS_USERS ?? 4);
const minutes = Number(process.env.CHAOS_MINUTES ?? 20);

let trial: Trial;

beforeAll(async () => {
  process.stderr.write(`CHAOS_SEED=${seed}\n`);
  trial = await Trial.begin(bus, seed);
}, 240_000);
afterAll(() => trial.end(), 60_000);

it(`${commands} commands and ${kills} kills on ${bus} lose nothing and do nothing twice`, async () => {
  const parts: Part[] = [...services, 'postgres', ...(bus === 'kafka' ? (['kafka'] as const) : [])];
  const began = performance.now();
  const killer = (async () => {
    for (let kill = 0; kill < kills; kill += 1) {
      // Spread over the commands, whatever the speed of the machine.
      const due = Math.floor((kill * commands) / kills);
      await until(`command ${due} is answered`, () => trial.users.answered >= due, 300_000);
      await trial.kill(parts[kill % parts.length] as Part);
    }
  })();
  await Promise.all([trial.users.ask(commands, users), killer]);
  await trial.allDone();
  const { numbers, problems } = await trial.audit();
  process.stderr.write(`${JSON.stringify({ seed, bus, seconds: Math.round((performance.now() - began) / 1000), ...numbers, refused: Object.fromEntries(trial.users.refused) })}\n`);
  expect(problems).toEqual([]);
  expect(numbers.experiments).toBeGreaterThan(commands / 4);
}, minutes * 60_000);
