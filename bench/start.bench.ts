// How long does a user wait from the accepted request until the program runs?
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDone, type ExperimentBody } from '#contracts';
import { startPlatform, type ScratchPlatform } from './platform.ts';
import { correct, median, type BenchResult } from './result.ts';
import { inMemory, inScratch } from './scratch.ts';

const experiments = 30;
const goalMs = 150;
const doneWithinMs = 30_000;
/** The program's first act is to write down the time, to the nanosecond. */
const polyaxonfile = `version: 1
kind: experiment
run:
  cmd: date +%s%N > $POLYAXON_RUN_OUTPUTS_PATH/started
`;

export function bench(): Promise<BenchResult[]> {
  return inScratch(inMemory, async (folder, later) => {
    const platform = await startPlatform(folder, later);
    await platform.call('POST', '/projects', { name: 'bench' });
    const waits: number[] = [];
    for (let experiment = 0; experiment <= experiments; experiment += 1) {
      const waited = await acceptedToStarted(platform);
      if (experiment > 0) waits.push(waited); // the first one warms up
    }
    return [{ name: 'accepted request to process started, p50', peer: null, ours: median(waits), theirs: null, ratio: null, goal: goalMs, bound: 'at most', unit: 'ms' }];
  });
}

/** One after the other: each has the platform for itself. */
async function acceptedToStarted({ call, home }: ScratchPlatform): Promise<number> {
  const { id } = await call<ExperimentBody>('POST', '/root/bench/experiments', { content: polyaxonfile });
  const acceptedAtMs = performance.timeOrigin + performance.now();
  let body: ExperimentBody;
  const deadline = performance.now() + doneWithinMs;
  do {
    await new Promise((resolve) => setTimeout(resolve, 20));
    body = await call<ExperimentBody>('GET', `/root/bench/experiments/${id}`);
  } while (!isDone(body.last_status) && performance.now() < deadline);
  correct(`experiment ${id} has succeeded (it is ${body.last_status})`, body.last_status === 'succeeded');
  const startedAtMs = Number(await readFile(join(home, 'outputs', body.outputs_path, 'started'), 'utf8')) / 1e6;
  return startedAtMs - acceptedAtMs;
}
