// How much is 500m of cpu, or 512Mi of memory?
import type { ResourceAmounts, Resources } from '#contracts';
import { entryOf, isMapping, type Json, type JsonMapping } from './json.ts';

const decimal = ['', 'K', 'M', 'G', 'T', 'P', 'E'];
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const amount = /^(\d{1,18}(?:\.\d{1,18})?(?:[eE][-+]?\d{1,2})?)([A-Za-z]{0,2})$/;

/** Cores, from `0.5`, `"2"` or `"500m"`; undefined: it is no such quantity. */
export function cpuCores(quantity: Json): number | undefined {
  const [number, suffix] = split(quantity);
  if (suffix === 'm') return number / 1000;
  return suffix === '' ? number : undefined;
}

/** Bytes, from a number, `"512Mi"` or `"1G"`, also in small letters (`"1g"`); only `m` is then, as in Kubernetes, a thousandth. */
export function memoryBytes(quantity: Json): number | undefined {
  const [number, suffix] = split(quantity);
  if (suffix === undefined) return undefined;
  if (suffix === 'm') return number / 1000;
  const tidy = suffix === '' ? '' : suffix[0]?.toUpperCase() + suffix.slice(1).toLowerCase();
  const powerOf1024 = binary.indexOf(tidy);
  const powerOf1000 = decimal.indexOf(tidy);
  if (powerOf1024 >= 0) return Math.round(number * 1024 ** powerOf1024);
  return powerOf1000 >= 0 ? Math.round(number * 1000 ** powerOf1000) : undefined;
}

/** Devices can't be shared out in parts. */
export function devices(quantity: Json): number | undefined {
  const [number, suffix] = split(quantity);
  return suffix === '' && Number.isInteger(number) ? number : undefined;
}

function split(quantity: Json): [number, string] | [number, undefined] {
  const [, digits, suffix] = amount.exec(typeof quantity === 'number' || typeof quantity === 'string' ? String(quantity) : '') ?? [];
  return digits === undefined ? [0, undefined] : [Number(digits), suffix ?? ''];
}

/** The `resources` of an environment in numbers: cores, bytes, devices. */
export function resourcesOf(environment: JsonMapping): Resources | null {
  const resources = entryOf(environment, 'resources');
  if (!isMapping(resources)) return null;
  const amounts = (kind: string, read: (quantity: Json) => number | undefined): ResourceAmounts | null => {
    const asked = entryOf(resources, kind);
    if (!isMapping(asked)) return null;
    return { limits: read(entryOf(asked, 'limits') ?? null) ?? null, requests: read(entryOf(asked, 'requests') ?? null) ?? null };
  };
  return { cpu: amounts('cpu', cpuCores), memory: amounts('memory', memoryBytes), gpu: amounts('gpu', devices), tpu: amounts('tpu', devices) };
}
