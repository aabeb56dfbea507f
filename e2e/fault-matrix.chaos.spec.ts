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
/** `FAULT_REPORT`: the page that is written. */
const report = process.env.FAULT_REPORT;

if (hasKafka('4.2.0'))
  describe('a part is killed at a step', () => {
    const folder = mkdtempSync(join(tmpdir(), 'polyaxon-faults-'));
    let trial: Trial;

    beforeAll(async () => {
      process.stderr.write(`CHAOS_SEED=${seed}\n`);
      const preload = pathToFileURL(join(root, 'e2e/faults/breakpoints.mjs')).href;
      trial = await Trial.begin('kafka', seed, { NODE_OPTIONS: `--import ${preload}`, FAULTS_FOLDER: folder });
    }, 240_000);
    afterAll(async () => {
      await trial.end();
      rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    it('and nothing is lost, doubled or half visible', async () => {
      const source = (await trial.users.do('create', 0, 3)) as number;
      expect(await endOf(trial, source)).toBe('succeeded');
      const tried: Tried[] = [];
      const began = performance.now();
      for (const cell of chosen()) {
        if ((performance.now() - began) / 1000 > untilSeconds) break;
        const outcome = await tryCell(trial, folder, cell, source).catch((error: Error) => ({ experimentId: 0, problems: [error.message], seconds: 0 }));
        tried.push({ cell, ...outcome });
        const line = `${titleOf(cell)}: ${outcome.problems.join('; ') || 'as if nothing had happened'} (experiment ${outcome.experimentId}, ${outcome.seconds.toFixed(1)} s)`;
        process.stderr.write(`${line}\n`);
      }
      await trial.allDone();
      const { numbers, problems } = await trial.audit();
      process.stderr.write(`${JSON.stringify({ seed, cells: tried.length, seconds: Math.round((performance.now() - began) / 1000), ...numbers })}\n`);
      if (report) writeFileSync(join(root, report), matrixPage(tried, { commit: commit(), seconds: (performance.now() - began) / 1000, auditProblems: problems, numbers }));
      expect(tried.filter(({ problems: found }) => found.length > 0).map(({ cell, problems: found }) => `${titleOf(cell)}: ${found.join('; ')}`)).toEqual([]);
      expect(problems).toEqual([]);
    }, 86_400_000);
  });

/** All of them mixed, so that a part of them says something about every verb; each time the same ones for a seed. */
function chosen(): readonly Cell[] {
  const random = seeded(seed);
  const mixed = allCells.map((cell) => ({ cell, at: random() })).sort((one, other) => one.at - other.at).map(({ cell }) => cell);
  return wanted === 'all' ? mixed : mixed.slice(0, Number(wanted));
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
}
