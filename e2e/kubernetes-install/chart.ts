// What does Helm make of the chart, as a test looks at it?
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { missingForKube, programOf } from '../../tools/stack/kube/provide.ts';
import { root, type Said } from '../platform.ts';

export const chart = join(root, 'deploy/kubernetes');
export const examples = readdirSync(join(chart, 'examples')).map((file) => file.replace(/\.yaml$/, ''));
/** The oldest that is supported, and what tests run on. */
export const kubeVersions = ['1.30.0', '1.34.4'] as const;

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  // Of many kinds: looked at, not typed.
  readonly [more: string]: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** False, with a skipped test that says what would provide it, where there is none; on machines nobody watches that is a failure. */
export function hasHelm(): boolean {
  const missing = missingForKube('api'); // Helm comes with it
  if (!missing) return true;
  if (process.env.CI) throw new Error(missing);
  describe('the chart', () => void it.skip(missing, () => undefined));
  return false;
}

export function helm(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Said {
  const { status, stdout, stderr, error } = spawnSync(programOf('helm'), args, { cwd: root, encoding: 'utf8', env: { ...process.env, ...environment }, maxBuffer: 64 * 1024 * 1024 });
  if (error) throw error;
  return { code: status, out: stdout, err: stderr };
}

export const example = (name: string): string[] => ['--values', join(chart, `examples/${name}.yaml`)];

/** Values as a person gives them on the command line. */
export const set = (values: Readonly<Record<string, unknown>>): string[] => Object.entries(values).flatMap(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]);

interface Release {
  readonly release?: string;
  readonly namespace?: string;
  readonly kubeVersion?: string;
}

export function template(values: readonly string[], { release = 'polyaxon', namespace = 'ml', kubeVersion = kubeVersions[1] }: Release = {}): Said {
  return helm(['template', release, chart, '--namespace', namespace, '--kube-version', kubeVersion, ...values]);
}

/** Throws what Helm says when it refuses. */
export function rendered(values: readonly string[], more: Release = {}): KubeObject[] {
  const { code, out, err } = template(values, more);
  if (code !== 0) throw new Error(err);
  return parseAllDocuments(out).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    const object = document.toJS() as KubeObject | null;
    return object ? [object] : [];
  });
}

export const ofKind = (objects: readonly KubeObject[], ...kinds: readonly string[]): KubeObject[] => objects.filter(({ kind }) => kinds.includes(kind));

export function theOne(objects: readonly KubeObject[], kind: string, name: string): KubeObject {
  const found = objects.find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}, but ${objects.map((one) => `${one.kind} ${one.metadata.name}`).join(', ')}`);
  return found;
}
