// Are the example subscribers right whatever happens, and does the check find those that are wrong?
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeWithKafka, openTestStore } from '#testing';
import { kafkaPython, missingKafkaPython } from '../stack/kafka-python/provide.ts';
import { checkSubscriber, deliveryNames, isSame, type DeliveryName } from './check.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const examples = join(root, 'examples/subscribers');
const patience = 240_000;
const like = { golden: join(root, 'libs/contracts/golden'), seed: 1, lives: 9, patienceMs: 90_000 };

describeWithKafka('4.2.0', (kafka) => {
  const check = (command: string, only: readonly DeliveryName[] = deliveryNames) =>
    checkSubscriber({ ...like, command: `exec ${command}`, effects: `${command} --show`, brokers: [kafka.broker.address], only }, () => undefined);
  const passes = async (command: string) => {
    const verdicts = await check(command);
    expect(verdicts.map(({ delivery }) => delivery)).toEqual(['once', ...deliveryNames]);
    expect(verdicts.filter((verdict) => !isSame(verdict))).toEqual([]);
  };
  const fails = async (how: string, ...only: DeliveryName[]) => {
    const verdicts = await check(`node ${join(root, 'tools/check-subscriber/controls/wrong.mjs')} ${how}`, only);
    return verdicts.filter((verdict) => !isSame(verdict)).map(({ delivery }) => delivery);
  };

  it('the example in TypeScript, compiled as a stranger would', async () => {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(examples, 'typescript')]);
    const test = await openTestStore();
    try {
      await passes(`env DATABASE_URL=${test.url} node ${join(examples, 'typescript/dist/subscriber.js')}`);
    } finally {
      await test.close();
    }
  }, patience);

  const missing = missingKafkaPython();
  if (missing && process.env.CI) throw new Error(missing);
  (missing ? it.skip : it)(missing ?? 'the example in Python', () => passes(`${kafkaPython()} ${join(examples, 'python/subscriber.py')}`), patience);

  it('one without an inbox is found', async () => expect(await fails('no-inbox', 'duplicated', 'replayed')).toEqual(['duplicated', 'replayed']), patience);
  it('one that commits what it has not kept is found', async () => expect(await fails('no-transaction', 'killed')).toEqual(['killed']), patience);

  it('the command says what it found, and what it cannot judge', () => {
    const run = (command: string, ...more: string[]) => {
      const args = ['tools/check-subscriber.mjs', '--brokers', kafka.broker.address, '--streams', '3', '--command', command, '--effects', `${command} --show`, ...more];
      return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    };
    const wrong = run('node tools/check-subscriber/controls/wrong.mjs no-inbox', '--only', 'duplicated');
    expect(wrong).toMatchObject({ status: 1, stdout: expect.stringMatching(/duplicated DIFFERS[^]*NOT idempotent: other effects when duplicated \(seed 1\)/) as string });
    expect(run('false')).toMatchObject({ status: 1, stderr: expect.stringContaining('not checked: the subscriber has ended by itself: false') as string });
    expect(run('true', '--only', 'eaten')).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no delivery "eaten": duplicated, replayed, reordered, killed') as string });
  }, patience);
});

it('the example asks for the very packages that it is tested with', () => {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
  const [example, ours] = [read('examples/subscribers/typescript/package.json'), read('package.json')];
  expect({ ...ours.dependencies, ...ours.devDependencies }).toMatchObject({ ...example.dependencies, ...example.devDependencies });
  for (const one of ['typescript', 'python']) expect(readFileSync(join(examples, one, 'README.md'), 'utf8').split('\n').length).toBeLessThanOrEqual(41);
  expect(existsSync(join(root, 'docs/subscribers.md'))).toBe(true);
});
