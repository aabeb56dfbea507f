// What does a polyaxonfile want of the cluster, in the cluster's own terms, and what of it can't be had there?
import type { V1Affinity, V1Toleration } from '@kubernetes/client-node';
import type { ExperimentOrder } from '#contracts';
import { LaunchFailed } from '../../executor.ts';
import { labelNames } from './names.ts';

/** Names of a secret or the like, and the keys that are wanted of it; no keys: all. */
export interface Stored {
  readonly name: string;
  readonly items: readonly string[] | undefined;
}

const objectName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const labelKey = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const ours = ['polyaxon.io/', labelNames.managedBy];

export function storedIn(section: string, references: unknown): Stored[] {
  const list = Array.isArray(references) ? (references as readonly unknown[]) : typeof references === 'string' ? [references] : [];
  return list.map((one) => {
    const { name, items } = typeof one === 'string' ? { name: one, items: undefined } : (one as Stored);
    return { name: nameOf(section, name), items };
  });
}

/** The names that data is configured by, which need not be those of objects. */
export function dataNames({ environment }: ExperimentOrder): string[] {
  const persistence = (environment.persistence as { readonly data?: unknown } | undefined)?.data;
  return [environment.data_refs, persistence].flatMap((references) => {
    const list = Array.isArray(references) ? (references as readonly unknown[]) : typeof references === 'string' ? [references] : [];
    return list.map((one) => (typeof one === 'string' ? one : (one as Stored).name));
  });
}

export function namesIn(section: string, names: unknown): string[] {
  return (Array.isArray(names) ? (names as readonly unknown[]) : []).map((name) => nameOf(section, String(name)));
}

export function nameOf(section: string, name: string): string {
  if (objectName.test(name)) return name;
  throw impossible(`${section}: no object of a cluster can be called ${JSON.stringify(name)}`, 'use small letters, digits, - and . only, as in the list of `kubectl get`');
}

/** Those of users; keys that are the platform's are refused, since they say whose an object is. */
export function labelsIn(section: 'labels' | 'node_selector', { environment }: ExperimentOrder): Record<string, string> {
  const labels = textsIn(environment[section]);
  for (const [key, value] of Object.entries(labels)) {
    checkKey(section, key);
    if (!labelValue.test(value)) throw impossible(`environment.${section}: ${key} can't be ${JSON.stringify(value)}`, 'use at most 63 letters, digits, -, _ and ., with a letter or digit at either end');
  }
  return labels;
}

export function annotationsOf({ environment }: ExperimentOrder): Record<string, string> {
  const annotations = textsIn(environment.annotations);
  for (const key of Object.keys(annotations)) checkKey('annotations', key);
  return annotations;
}

export function tolerationsOf({ environment }: ExperimentOrder): V1Toleration[] {
  return Array.isArray(environment.tolerations) ? (environment.tolerations as V1Toleration[]) : [];
}

export function affinityOf({ environment }: ExperimentOrder): V1Affinity | undefined {
  const { affinity } = environment;
  return typeof affinity === 'object' && affinity !== null && Object.keys(affinity).length > 0 ? (affinity) : undefined;
}

export function impossible(what: string, fix: string): LaunchFailed {
  return new LaunchFailed('start', `${what}; to mend it: ${fix}`);
}

function checkKey(section: string, key: string): void {
  if (!labelKey.test(key)) throw impossible(`environment.${section}: ${JSON.stringify(key)} can't be a key`, 'name it as Kubernetes does: example.com/name, or name');
  if (section !== 'node_selector' && ours.some((one) => key.startsWith(one))) throw impossible(`environment.${section}: ${key} is the platform's own`, 'choose another key');
}

function textsIn(values: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries((values ?? {}) as Readonly<Record<string, unknown>>).map(([key, value]) => [key, String(value)]));
}
