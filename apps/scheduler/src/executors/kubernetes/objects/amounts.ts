// How much of a machine does a pod get?
import type { V1ResourceRequirements } from '@kubernetes/client-node';
import type { ExperimentOrder, ResourceAmounts } from '#contracts';
import { resourcesOf, type JsonMapping } from '#polyaxonfile';
import type { Amounts, ClusterSettings } from './cluster-settings.ts';

type Defaults = Pick<ClusterSettings, 'requests' | 'limits' | 'gpuResource' | 'tpuResource'>;

/** What carries outputs and the console: as the program grows, it stays small. */
export const platformAmounts: V1ResourceRequirements = { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '512Mi' } };

/** Of what the polyaxonfile does not mention, as much as the installation gives. A limit below what is given as a request pulls that down with it. */
export function amountsOf({ environment }: Pick<ExperimentOrder, 'environment'>, defaults: Defaults): V1ResourceRequirements {
  const asked = resourcesOf(environment as JsonMapping);
  const cpu = pair(asked?.cpu ?? null, defaults, 'cpuCores');
  const memory = pair(asked?.memory ?? null, defaults, 'memoryBytes');
  const given = { ...device(defaults.gpuResource, asked?.gpu ?? null), ...device(defaults.tpuResource, asked?.tpu ?? null) };
  return {
    requests: { ...(cpu.requests !== null && { cpu: cores(cpu.requests) }), ...(memory.requests !== null && { memory: bytes(memory.requests) }), ...given },
    limits: { ...(cpu.limits !== null && { cpu: cores(cpu.limits) }), ...(memory.limits !== null && { memory: bytes(memory.limits) }), ...given },
  };
}

/** Of several that get the same, what is enough for each. */
export function largest(amounts: readonly V1ResourceRequirements[]): V1ResourceRequirements {
  const most = (kind: 'requests' | 'limits'): Record<string, string> => {
    const found: Record<string, string> = {};
    for (const one of amounts) for (const [name, value] of Object.entries(one[kind] ?? {})) if (found[name] === undefined || size(value) > size(found[name])) found[name] = value;
    // one of them without a limit has none
    if (kind === 'limits') for (const name of ['cpu', 'memory']) if (amounts.some((one) => one.limits?.[name] === undefined)) delete found[name];
    return found;
  };
  return { requests: most('requests'), limits: most('limits') };
}

function pair(asked: ResourceAmounts | null, { requests, limits }: Defaults, of: keyof Amounts): ResourceAmounts {
  const limit = asked?.limits ?? (asked?.requests != null && limits[of] !== null ? Math.max(asked.requests, limits[of]) : limits[of]);
  const request = asked?.requests ?? requests[of];
  return { limits: limit, requests: request !== null && limit !== null ? Math.min(request, limit) : request };
}

/** They can't be shared: what is requested is what is given. */
function device(name: string, asked: ResourceAmounts | null): Record<string, string> {
  const count = asked?.limits ?? asked?.requests ?? 0;
  return count > 0 ? { [name]: String(count) } : {};
}

function cores(count: number): string {
  return `${Math.max(1, Math.ceil(count * 1000))}m`;
}

function bytes(count: number): string {
  return String(Math.max(1, Math.ceil(count)));
}

/** As they are written above. */
function size(quantity: string): number {
  return Number.parseFloat(quantity);
}
