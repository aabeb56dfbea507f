// Is anything lost, doubled or shown by halves when a part is killed at a certain step of a verb, right before or right after the step is written down?
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hasKafka } from '#testing';
import { allCells, titleOf, type Cell } from './faults/cells.ts';
import { matrixPage, type Tried } from './faults/matrix-page.ts';
import { endOf, tryCell } from './faults/try-cell.ts';
import { root } from './platform.ts';
import { seeded } from './seeded.ts';
import { Trial } from './survival/trial.ts';

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
/** `FAULT_CELLS=all`: every one, by turns; else so many, by chance. */
const wanted = process.env.FAULT_CELLS ?? '5';
/** `FAULT_SECONDS`: no further cell is begun after this time. */
const untilSeconds = Number(process.env.FAULT_SECONDS ?? 86_400);
/** `FAULT_LANES`: so many platforms take turns with the cells; most of a cell's time is spent waiting. */
const lanes = Number(process.env.FAULT_LANES ?? 1);
/** `FAULT_REPORT`: the page that is written. */
const report = process.env.FAULT_REPORT;

interface Lane {
  readonly folder: string;
  readonly trial: Trial;
}

if (hasKafka('4.2.0'))
  describe('a part is killed at a step', () => {
    const begun: Lane[] = [];

    beforeAll(async () => {
      process.stderr.write(`CHAOS_SEED=${seed}\n`);
      for (let lane = 0; lane < lanes; lane += 1) begun.push(await begin(seed + lane));
    }, 600_000);
    afterAll(async () => {
      for (const { trial, folder } of begun) {
        await trial.end();
        rmSync(folder, { recursive: true, force: true });
      }
    }, 240_000);

    it('and nothing is lost, doubled or half visible', async () => {
      const [left, tried] = [[...chosen()], [] as Tried[]];
      const began = performance.now();
      const seconds = () => (performance.now() - began) / 1000;
      await Promise.all(begun.map((lane) => tryAll(lane, () => (seconds() > untilSeconds ? undefined : left.shift()), tried)));
      const audits = await Promise.all(begun.map(async ({ trial }) => (await trial.allDone(), trial.audit())));
      const problems = audits.flatMap(({ problems: found }) => found);
      const numbers = summed(audits.map(({ numbers: found }) => found));
      process.stderr.write(`${JSON.stringify({ seed, cells: tried.length, seconds: Math.round(seconds()), ...numbers })}\n`);
      if (report) writeFileSync(join(root, report), matrixPage(tried, { commit: commit(), seconds: seconds(), auditProblems: problems, numbers }));
      expect(tried.filter(({ problems: found }) => found.length > 0).map(({ cell, problems: found }) => `${titleOf(cell)}: ${found.join('; ')}`)).toEqual([]);
      expect(problems).toEqual([]);
    }, 86_400_000);
  });

async function begin(laneSeed: number): Promise<Lane> {
  const folder = mkdtempSync(join(tmpdir(), 'polyaxon-faults-'));
  const preload = pathToFileURL(join(root, 'e2e/faults/breakpoints.mjs')).href;
  return { folder, trial: await Trial.begin('kafka', laneSeed, { NODE_OPTIONS: `--import ${preload}`, FAULTS_FOLDER: folder }) };
}

async function tryAll({ trial, folder }: Lane, next: () => Cell | undefined, tried: Tried[]): Promise<void> {
  const source = (await trial.users.do('create', 0, 3)) as number;
  expect(await endOf(trial, source)).toBe('succeeded');
  for (let cell = next(); cell; cell = next()) {
    const outcome = await tryCell(trial, folder, cell, source).catch((error: Error) => ({ experimentId: 0, problems: [error.message], seconds: 0 }));
    tried.push({ cell, ...outcome });
    const line = `${titleOf(cell)}: ${outcome.problems.join('; ') || 'as if nothing had happened'} (experiment ${outcome.experimentId}, ${outcome.seconds.toFixed(1)} s)`;
    process.stderr.write(`${line}\n`);
  }
}

function summed(all: readonly Readonly<Record<string, unknown>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, value] of all.flatMap((one) => Object.entries(one))) if (typeof value === 'number') sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

/** All of them mixed, so that a part of them says something about every verb; each time the same ones for a seed. */
function chosen(): readonly Cell[] {
  const random = seeded(seed);
  const mixed = allCells.map((cell) => ({ cell, at: random() })).sort((one, other) => one.at - other.at).map(({ cell }) => cell);
  return wanted === 'all' ? mixed : mixed.slice(0, Number(wanted));
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
}
