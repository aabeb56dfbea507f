// Of which processes does a distributed training consist, and what does each of them ask for?
import { entryOf, isMapping, type Json, type JsonMapping } from './json.ts';
import { about, listOf, section, wholeNumber, type Place, type Shape } from './shapes.ts';

export type ReplicaRole = 'master' | 'worker' | 'ps';

export interface Replica {
  readonly role: ReplicaRole;
  /** Among those of its role, from 0. */
  readonly index: number;
  /** What is said for all, with what is said for its role, with what is said for it alone. */
  readonly environment: JsonMapping;
}

/** Who is waited for in a ring of so many is never all there. */
export const replicasMax = 512;

/** `own`: what a replica may have otherwise than the rest. */
export function replicasShape(own: Readonly<Record<string, Shape>>): Shape {
  const numbered = listOf(section({ index: about('which of them, from 0', wholeNumber(0)), ...own }, { required: ['index'] }));
  const ofRole = section(own);
  return section({
    n_workers: about('workers beside the master', wholeNumber(0)),
    n_ps: about('parameter servers', wholeNumber(0)),
    default_worker: about('what every worker has otherwise than the master', ofRole),
    default_ps: about('what every parameter server has otherwise than the master', ofRole),
    worker: about('what single workers have otherwise', numbered),
    ps: about('what single parameter servers have otherwise', numbered),
  });
}

/** The master comes first, then workers, then parameter servers. Empty: it is one process. */
export function replicasOf(environment: JsonMapping): readonly Replica[] {
  const { replicas, ...ofAll } = environment;
  if (!isMapping(replicas)) return [];
  const [workers, servers] = [countIn(replicas, 'n_workers'), countIn(replicas, 'n_ps')];
  if (workers + servers === 0 || workers + servers >= replicasMax) return [];
  return [{ role: 'master', index: 0, environment: ofAll }, ...ofRole('worker', workers, ofAll, replicas), ...ofRole('ps', servers, ofAll, replicas)];
}

/** What can only be seen once the numbers are known. */
export function checkReplicas(whole: JsonMapping, place: Place): void {
  const environment = entryOf(whole, 'environment');
  const replicas = isMapping(environment) ? entryOf(environment, 'replicas') : undefined;
  if (place.stage !== 'rendered' || !isMapping(environment) || !isMapping(replicas)) return;
  const here = place.within(whole, 'environment').within(environment, 'replicas');
  const [workers, servers] = [countIn(replicas, 'n_workers'), countIn(replicas, 'n_ps')];
  if (workers + servers >= replicasMax) here.wrong(`${workers + servers + 1} processes with the master, at most ${replicasMax} can be waited for`);
  const framework = entryOf(whole, 'framework');
  if (servers > 0 && framework === 'pytorch') here.within(replicas, 'n_ps').wrong('pytorch has no parameter servers; leave it out');
  for (const [role, count] of [['worker', workers], ['ps', servers]] as const) {
    const numbered = entryOf(replicas, role);
    const indexes = Array.isArray(numbered) ? (numbered as readonly JsonMapping[]).map((one) => one.index as number) : [];
    const beyond = indexes.find((index) => index >= count);
    const twice = indexes.find((index, at) => indexes.indexOf(index) !== at);
    if (beyond !== undefined) here.within(replicas, role).wrong(`there is no ${role} ${beyond}, ${role === 'worker' ? 'n_workers' : 'n_ps'} is ${count} and they are counted from 0`);
    else if (twice !== undefined) here.within(replicas, role).wrong(`${role} ${twice} is there twice`);
  }
}

function ofRole(role: 'worker' | 'ps', count: number, ofAll: JsonMapping, replicas: JsonMapping): Replica[] {
  const defaults = mappingIn(replicas, `default_${role}`);
  const numbered = entryOf(replicas, role);
  return Array.from({ length: count }, (_, index) => {
    const { index: _own, ...own } = (Array.isArray(numbered) ? (numbered as readonly JsonMapping[]) : []).find((one) => one.index === index) ?? {};
    return { role, index, environment: { ...ofAll, ...defaults, ...own } };
  });
}

function countIn(replicas: JsonMapping, name: string): number {
  const count: Json | undefined = entryOf(replicas, name);
  return typeof count === 'number' ? count : 0;
}

function mappingIn(holder: JsonMapping, name: string): JsonMapping {
  const value = entryOf(holder, name);
  return isMapping(value) ? value : {};
}
