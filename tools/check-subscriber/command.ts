// What does `npm run check-subscriber` do?
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startKafka } from '../stack/kafka/broker.ts';
import { KafkaUnavailable, kafkaVersions, provideKafka } from '../stack/kafka/provide.ts';
import { checkSubscriber, deliveryNames, isSame, type Check, type DeliveryName, type Verdict } from './check.ts';
import { CannotCheck } from './subscriber.ts';

const usage = `npm run check-subscriber -- --command CMD --effects CMD [--brokers HOST:PORT] [--only ${deliveryNames.join(',')}]
    [--seed N] [--streams N] [--patience SECONDS]
  starts the subscriber CMD against topics of its own, delivers the same events cleanly and as badly as a bus may, and compares the effects it shows; docs/subscribers.md`;
const linesShown = 5;

class Misused extends Error {}

export async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  try {
    process.exit(await run(wantedBy(args)));
  } catch (error) {
    if (error instanceof Misused) process.stderr.write(`${error.message}\n${usage}\n`);
    else if (error instanceof KafkaUnavailable) process.stderr.write(`${error.message}\n${error.fix}\n`);
    else process.stderr.write(`${error instanceof CannotCheck ? `not checked: ${error.message}` : String((error as Error).stack)}\n`);
    process.exit(error instanceof Misused ? 2 : 1);
  }
}

async function run(check: Check): Promise<number> {
  if (check.brokers.length > 0) return verdictOf(check);
  const [version] = kafkaVersions;
  await provideKafka(version, (line) => process.stderr.write(`${line}\n`));
  const folder = await mkdtemp(join(tmpdir(), 'check-subscriber-kafka-'));
  const broker = await startKafka({ folder, version });
  try {
    return await verdictOf({ ...check, brokers: [broker.address] });
  } finally {
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function verdictOf(check: Check): Promise<number> {
  const verdicts = await checkSubscriber(check, (verdict) => process.stdout.write(`${lineOf(verdict)}\n`));
  const bad = verdicts.filter((verdict) => !isSame(verdict));
  const names = bad.map(({ delivery }) => delivery).join(', ');
  process.stdout.write(`${bad.length === 0 ? 'idempotent: the effects are the same each time' : `NOT idempotent: other effects when ${names} (seed ${check.seed})`}\n`);
  return bad.length === 0 ? 0 : 1;
}

function lineOf(verdict: Verdict): string {
  const { delivery, records, told, missing, extra } = verdict;
  return `${delivery.padEnd(10)} ${isSame(verdict) ? 'ok    ' : 'DIFFERS'} ${records} records${told && `, ${told}`}${shown('-', missing)}${shown('+', extra)}`;
}

function shown(sign: string, lines: readonly string[]): string {
  const first = lines.slice(0, linesShown).map((line) => `\n    ${sign} ${line.slice(0, 160)}`);
  return first.join('') + (lines.length > linesShown ? `\n    ${sign} ... ${lines.length} lines` : '');
}

function wantedBy(args: readonly string[]): Check {
  const text = { type: 'string' } as const;
  const options = { command: text, effects: text, brokers: text, only: text, seed: { ...text, default: '1' }, streams: { ...text, default: '24' }, patience: { ...text, default: '90' } };
  const values = parsed(() => parseArgs({ args: [...args], options }).values);
  const { command, effects, brokers = '', only } = values;
  if (!command || !effects) throw new Misused('which subscriber? --command starts it, --effects prints what it has done');
  const names = only === undefined ? deliveryNames : only.split(',').map((name) => deliveryOf(name));
  const [seed, lives, patience] = (['seed', 'streams', 'patience'] as const).map((name) => numberOf(`--${name}`, values[name])) as [number, number, number];
  return { command, effects, brokers: brokers.split(',').filter(Boolean), golden: 'libs/contracts/golden', seed, lives, patienceMs: patience * 1000, only: names };
}

function parsed<Values>(parse: () => Values): Values {
  try {
    return parse();
  } catch (error) {
    throw new Misused((error as Error).message);
  }
}

function deliveryOf(name: string): DeliveryName {
  const found = deliveryNames.find((one) => one === name);
  if (!found) throw new Misused(`there is no delivery ${JSON.stringify(name)}: ${deliveryNames.join(', ')}`);
  return found;
}

function numberOf(option: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Misused(`${option} is a whole number from 1 to 999999, not ${JSON.stringify(text)}`);
  return Number(text);
}
