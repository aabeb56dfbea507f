// How much memory does each service take while nothing happens?
import { readFile } from 'node:fs/promises';
import { startPlatform } from './platform.ts';
import { correct, type BenchResult } from './result.ts';
import { inMemory, inScratch } from './scratch.ts';

const services = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'];
const settlesAfterMs = 30_000;
const stableForSamples = 5;
const stableWithinMb = 1;
const givenUpAfterMs = 90_000;
const goalMb = 150;

export function bench(): Promise<BenchResult[]> {
  return inScratch(inMemory, async (folder, later) => {
    const { pid } = await startPlatform(folder, later);
    const readyAt = performance.now();
    const pids = await servicesOf(pid);
    correct('all services run', services.every((service) => pids.has(service)));
    const measured = await stable(async () => Promise.all(services.map((service) => residentMb(pids.get(service) as number))), readyAt);
    return services.map((service, index) => ({
      name: `memory of the idle ${service}`, peer: null, ours: measured[index] as number, theirs: null, ratio: null, goal: goalMb, bound: 'at most' as const, unit: 'MB',
    }));
  });
}

/** By name, among the children of the supervisor. */
async function servicesOf(supervisor: number): Promise<Map<string, number>> {
  const children = (await readFile(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8')).split(' ').filter(Boolean).map(Number);
  const named = await Promise.all(children.map(async (pid) => [/apps\/([a-z-]+)\/src\/main\.js/.exec(await readFile(`/proc/${pid}/cmdline`, 'utf8'))?.[1] ?? '', pid] as const));
  return new Map(named);
}

/** The first samples after the services have settled that no longer move; or the last ones. */
async function stable(sample: () => Promise<number[]>, readyAt: number): Promise<number[]> {
  const seen: number[][] = [];
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    seen.push(await sample());
    const waitedMs = performance.now() - readyAt;
    const last = seen.slice(-stableForSamples);
    const isStill = services.every((_, index) => Math.max(...last.map((one) => one[index] as number)) - Math.min(...last.map((one) => one[index] as number)) <= stableWithinMb);
    if ((waitedMs >= settlesAfterMs && isStill) || waitedMs >= givenUpAfterMs) return seen.at(-1) as number[];
  }
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
