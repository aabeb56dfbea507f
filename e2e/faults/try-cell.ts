// What becomes of one experiment when one part is killed at one of its steps?
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '#testing';
import type { Trial } from '../survival/trial.ts';
import type { Cell } from './cells.ts';

const ends = ['succeeded', 'failed', 'stopped', 'upstream_failed', 'skipped'];
const once = ['RunQueued', 'RunOutputsReady', 'RunScheduled', 'RunStarting', 'RunStarted', 'OutputsPrepared', 'OutputsCopied', 'LogsArchived', 'ExperimentDone', 'RunStopRequested', 'ExperimentStopRequested'];
const forEver = 1_000_000;

export interface Outcome {
  readonly experimentId: number;
  readonly problems: readonly string[];
  readonly seconds: number;
}

/** `source`: an experiment that has succeeded, for those verbs that need one. */
export async function tryCell(trial: Trial, folder: string, cell: Cell, source: number): Promise<Outcome> {
  const { verb, step, moment, part } = cell;
  const began = performance.now();
  const problems: string[] = [];
  const experimentId = verb === 'stop' ? await running(trial) : await nextNumber(trial);
  arm(folder, { ...step, moment, experimentId });
  const asked = trial.users.do(verb, verb === 'stop' ? experimentId : source, 3);
  const halted = await until(`somebody is at the step (${JSON.stringify(cell)})`, () => haltedIn(folder), 60_000);
  if (verb === 'copy') problems.push(...halfVisible(trial, source, experimentId));
  const isItself = part === step.service;
  if (isItself) process.kill(halted, 'SIGKILL');
  else {
    await trial.platform.kill(part);
    process.kill(halted, 'SIGCONT');
  }
  trial.users.note({ fault: 'kill', part });
  const made = await asked;
  if (verb !== 'stop' && made !== experimentId) problems.push(`experiment ${made} was made, not ${experimentId}`);
  const status = await endOf(trial, experimentId);
  if (status !== (verb === 'stop' ? 'stopped' : 'succeeded')) problems.push(`it has ended as ${status}`);
  problems.push(...(await doubled(trial, experimentId)));
  if (verb === 'copy') problems.push(...halfVisible(trial, source, experimentId));
  return { experimentId, problems, seconds: (performance.now() - began) / 1000 };
}

/** A file that is there is whole. */
export function arm(folder: string, step: object): void {
  for (const name of ['armed.json', 'taken.json', 'halted']) rmSync(join(folder, name), { force: true });
  writeFileSync(join(folder, 'armed.part'), JSON.stringify(step));
  renameSync(join(folder, 'armed.part'), join(folder, 'armed.json'));
}

/** The process that has taken the step and stands still. */
export function haltedIn(folder: string): number | null {
  const file = join(folder, 'halted');
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, 'utf8'));
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) ? pid : null;
}

export async function nextNumber(trial: Trial): Promise<number> {
  const [row] = await trial.platform.rows<{ next: number }>(`SELECT (last_value + CASE WHEN is_called THEN 1 ELSE 0 END)::int AS next FROM api_gateway.experiment_ids`);
  return row?.next ?? 1;
}

async function running(trial: Trial): Promise<number> {
  const id = (await trial.users.do('create', 0, forEver)) as number;
  await until(`the program of ${id} runs`, () => existsSync(join(outputsOf(trial, id), 'writers.log')), 60_000);
  return id;
}

export async function endOf(trial: Trial, id: number): Promise<string> {
  return until(`experiment ${id} has ended`, async () => {
    const rows = await trial.platform.rows<{ last_status: string }>('SELECT last_status FROM api_gateway.experiments WHERE id = $1', [id]).catch(() => []);
    const status = rows[0]?.last_status ?? '';
    return ends.includes(status) ? status : null;
  }, 120_000);
}

async function doubled(trial: Trial, id: number): Promise<string[]> {
  const rows = await trial.platform.rows<{ type: string; times: number }>(`SELECT type, count(*)::int AS times FROM event_store.messages WHERE data ->> 'experimentId' = $1 GROUP BY type`, [String(id)]);
  const told = rows.filter(({ type, times }) => once.includes(type) && times > 1).map(({ type, times }) => `${type} was told ${times} times`);
  const writers = readFileSync(join(outputsOf(trial, await originalOf(trial, id)), 'writers.log'), 'utf8').split('\n');
  const starts = writers.filter((line) => line.startsWith(`start ${id} `)).length;
  return starts === 1 ? told : [...told, `its program has begun ${starts} times`];
}

async function originalOf(trial: Trial, id: number): Promise<number> {
  const [row] = await trial.platform.rows<{ original: number }>(
    `SELECT (data ->> 'originalExperimentId')::int AS original FROM event_store.messages WHERE category = 'experiment' AND data ->> 'experimentId' = $1 ORDER BY global_position LIMIT 1`, [String(id)]);
  return row?.original ?? id;
}

/** What is there under the name of a copy holds all that its source held. */
function halfVisible(trial: Trial, source: number, id: number): string[] {
  const [from, to] = [outputsOf(trial, source), outputsOf(trial, id)];
  if (!existsSync(to)) return [];
  const missing = readdirSync(from).filter((name) => !existsSync(join(to, name)));
  return missing.length === 0 ? [] : [`the copy shows without ${missing.join(', ')}`];
}

function outputsOf(trial: Trial, id: number): string {
  return trial.platform.outputs(`root/chaos/experiments/${id}`);
}
