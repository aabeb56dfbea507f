// An instance stands still at a step for longer than its lease, another one goes on, and then the first wakes up: is what it was about to do refused?
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { until } from '#testing';
import type { Cell } from './faults/cells.ts';
import { arm, endOf, haltedIn, nextNumber } from './faults/try-cell.ts';
import { root } from './platform.ts';
import { services, Trial } from './survival/trial.ts';

const sleeps = Number(process.env.SLEEPS ?? 4);
const leaseSeconds = 2;

/** After its order was read: about to start a process that another has started meanwhile, and forgotten. Before the others: what it would write down is done, and told by another. */
const places: readonly Pick<Cell, 'step' | 'moment'>[] = [
  { moment: 'after', step: { service: 'scheduler', query: 'find-attempt-spec' } },
  { moment: 'before', step: { service: 'log-collector', event: 'LogsArchived' } },
  { moment: 'before', step: { service: 'storage-manager', event: 'OutputsCopied' } },
  { moment: 'before', step: { service: 'scheduler', event: 'RunStarted' } },
];

const folder = mkdtempSync(join(tmpdir(), 'polyaxon-sleepers-'));
let trial: Trial;

beforeAll(async () => {
  const preload = pathToFileURL(join(root, 'e2e/faults/breakpoints.mjs')).href;
  trial = await Trial.begin('postgres', 1, { NODE_OPTIONS: `--import ${preload}`, FAULTS_FOLDER: folder, POLYAXON_INSTANCES: '2', POLYAXON_LEASE_SECONDS: String(leaseSeconds) });
}, 240_000);
afterAll(async () => {
  await trial.end();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Of all instances, by their own account. */
async function refusals(): Promise<number> {
  const { ports } = JSON.parse(readFileSync(join(trial.platform.home, 'platform.json'), 'utf8')) as { ports: Record<string, number> };
  const texts = await Promise.all(Object.values(ports).map((port) => fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(20_000) }).then((answer) => answer.text(), () => '')));
  return texts.flatMap((text) => [...text.matchAll(/^polyaxon_lease_refusals_total\{[^}]*\} (\d+)/gm)]).reduce((sum, [, count]) => sum + Number(count), 0);
}

it(`${sleeps} sleepers wake up and write nothing`, async () => {
  const source = (await trial.users.do('create', 0, 3)) as number;
  expect(await endOf(trial, source)).toBe('succeeded');
  let [written, refused] = [0, 0];
  for (let sleep = 0; sleep < sleeps; sleep += 1) {
    const { step, moment } = places[sleep % places.length] as Pick<Cell, 'step' | 'moment'>;
    const experimentId = await nextNumber(trial);
    const before = await refusals();
    arm(folder, { ...step, moment, experimentId });
    await trial.users.do(step.event === 'OutputsCopied' ? 'copy' : 'create', source, 3);
    const sleeper = await until(`a ${step.service} stands still`, () => haltedIn(folder), 60_000);
    expect(await endOf(trial, experimentId)).toBe('succeeded');
    const told = () => trial.platform.rows('SELECT id FROM event_store.messages WHERE data ->> $1 = $2 AND category <> $3 ORDER BY id', ['experimentId', String(experimentId), 'experiment']);
    const history = await told();
    if (step.query) await until('nothing is left of the attempt', () => !existsSync(join(trial.platform.home, 'runs', `${experimentId}-1`)), 60_000);
    process.kill(sleeper, 'SIGCONT');
    // It is awake when its service hears and acts again: another experiment goes through all of them.
    await until('the sleeper has been refused, or is another process', async () => !trial.platform.pids(step.service).includes(sleeper) || (await refusals()) > before || isAwake(sleeper), 60_000);
    const next = (await trial.users.do('create', 0, 3)) as number;
    expect(await endOf(trial, next)).toBe('succeeded');
    written += (await told()).length - history.length;
    refused += (await refusals()) - before;
  }
  await trial.allDone();
  const { problems, numbers } = await trial.audit();
  process.stderr.write(`${JSON.stringify({ sleeps, writtenLate: written, refusedByEpoch: refused, experiments: numbers.experiments })}\n`);
  expect(problems).toEqual([]);
  expect(written).toBe(0);
  expect(refused).toBeGreaterThan(0);
  for (const part of services) expect(trial.platform.pids(part)).toHaveLength(2);
}, 86_400_000);

function isAwake(pid: number): boolean {
  return !/^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
