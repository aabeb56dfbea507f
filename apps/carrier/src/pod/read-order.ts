// What are the carrier's containers of a pod to do, and as which replica?
import { readFile } from 'node:fs/promises';
import type { BuildOrder, PodOrder } from '#storage';

const needed = ['run', 'notes', 'tokenFile', 'code', 'consoleAddress', 'carry', 'lastSeconds'] as const satisfies readonly (keyof PodOrder)[];

const neededForBuild = ['run', 'notes', 'tokenFile', 'code', 'base', 'context', 'lines', 'files'] as const satisfies readonly (keyof BuildOrder)[];

export async function readPodOrder(file: string | undefined): Promise<PodOrder> {
  return read<PodOrder>(file, needed);
}

export async function readBuildOrder(file: string | undefined): Promise<BuildOrder> {
  return read<BuildOrder>(file, neededForBuild);
}

async function read<Order extends object>(file: string | undefined, wanted: readonly (keyof Order & string)[]): Promise<Order> {
  if (file === undefined) throw new Error('which order? It is started as `main.js bring FILE`, `bring-build FILE` or `attend FILE`, by the pod that the scheduler has made');
  const order = JSON.parse(await readFile(file, 'utf8')) as Partial<Order>;
  const missing = wanted.filter((name) => order[name] === undefined);
  if (missing.length > 0) throw new Error(`the order in ${file} has no ${missing.join(', ')}`);
  return order as Order;
}

/** One of several finds the outputs as they are; the first one alone carries them back. */
export function orderOfReplica(order: PodOrder, replica: string | undefined): PodOrder {
  const { carry, replicas } = order;
  if (carry === null || carry.store === undefined || carry.path === null || replica === undefined || replica === replicas?.[0]) return order;
  const { store, path, folder, references, ...rest } = carry;
  return { ...order, carry: { ...rest, path: null, folder, references: [{ store, path, folder }, ...references] } };
}

/** Undefined: there is one only. */
export function replicaOf({ replicas }: PodOrder, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  if (replicas === undefined) return undefined;
  const name = replicas[indexIn(environment)];
  if (name === undefined) throw new Error(`JOB_COMPLETION_INDEX is ${environment.JOB_COMPLETION_INDEX ?? 'not set'}, and the order has ${replicas.length} replicas`);
  return name;
}

/** Where each role has a Job of its own, its pods are counted from 0 in it. */
function indexIn({ JOB_COMPLETION_INDEX: index, POLYAXON_FIRST_REPLICA: first }: Readonly<Record<string, string | undefined>>): number {
  return Number(index ?? 'NaN') + Number(first ?? 0);
}
