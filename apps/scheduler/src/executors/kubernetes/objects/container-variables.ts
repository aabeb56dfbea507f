// How does the environment of a program become that of a container?
import type { V1EnvFromSource, V1EnvVar, V1Pod } from '@kubernetes/client-node';
import type { ExperimentOrder } from '#contracts';
import { podFolders } from '#storage';
import { buildVariablesOf } from '../../build.ts';
import type { AttemptSpec } from '../../executor.ts';
import { preambleOf, runVariables, type Whereabouts } from '../../variables.ts';
import { builtCode, buildPlanOf, stepsInPod } from './build-plan.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import { attemptName } from './names.ts';
import { replicasIn, replicaVariables } from './replicas.ts';
import { storedIn, type Stored } from './wanted.ts';

/** What users bring along wins over the image's, and never over the platform's. */
export function programEnvironment(spec: AttemptSpec, settings: ClusterSettings, where: Whereabouts): { env: V1EnvVar[]; envFrom: V1EnvFromSource[] } {
  const { order } = spec;
  const replicas = replicasIn(order);
  const own = runVariables(spec, where);
  const given = {
    // a user that the image does not know has no folder of its own
    ...(settings.runAsUser !== null && { HOME: podFolders.run }),
    PYTHONUNBUFFERED: '1',
    ...buildVariablesOf(order),
    ...(replicas.length > 0 ? replicaVariables(replicas, attemptName(spec), settings.replicasAs, own) : own),
    ...attemptVariables(spec, settings),
  };
  const singles = [...singleKeys(order, 'config_map_refs'), ...singleKeys(order, 'secret_refs')].filter(({ name }) => !Object.hasOwn(given, name));
  return { env: [...lastOfEach(singles), ...plain(given)], envFrom: [...whole(order, 'config_map_refs'), ...whole(order, 'secret_refs')] };
}

/** The cluster would put in what `$(NAME)` names, and make one of two `$`. */
export function plain(variables: Readonly<Record<string, string>>): V1EnvVar[] {
  return Object.entries(variables).map(([name, value]) => ({ name, value: value.replaceAll('$', '$$$$') }));
}

export function graceOf({ environment }: Pick<ExperimentOrder, 'environment'>, { graceSeconds }: Pick<ClusterSettings, 'graceSeconds'>): number {
  return typeof environment.grace_period_seconds === 'number' ? environment.grace_period_seconds : graceSeconds;
}

const stepsVariable = 'POLYAXON_ATTEMPT_STEPS';

export function hasBuildSteps({ spec }: V1Pod): boolean {
  return spec?.containers.some(({ env }) => env?.some(({ name, value }) => name === stepsVariable && value !== '0')) ?? false;
}

/** For attempt.sh, which takes them away again. */
function attemptVariables(spec: AttemptSpec, settings: ClusterSettings): Record<string, string> {
  const plan = buildPlanOf(spec.order, settings);
  const steps = stepsInPod(spec.order, settings);
  return {
    POLYAXON_ATTEMPT_COMMAND: spec.order.command,
    POLYAXON_ATTEMPT_PREAMBLE: preambleOf(spec),
    [stepsVariable]: String(steps.length),
    ...Object.fromEntries(steps.map((step, index) => [`POLYAXON_ATTEMPT_STEP_${index + 1}`, step])),
    ...(plan !== null && plan.lines.length > 0 && spec.order.codeRevision !== null && { POLYAXON_ATTEMPT_BUILT: builtCode }),
    POLYAXON_GRACE_SECONDS: String(graceOf(spec.order, settings)),
  };
}

function sourceOf(section: 'config_map_refs' | 'secret_refs', { environment }: ExperimentOrder): Stored[] {
  return storedIn(`environment.${section}`, environment[section]);
}

function singleKeys(order: ExperimentOrder, section: 'config_map_refs' | 'secret_refs'): V1EnvVar[] {
  const kind = section === 'secret_refs' ? 'secretKeyRef' : 'configMapKeyRef';
  return sourceOf(section, order).flatMap(({ name, items }) => (items ?? []).map((key) => ({ name: key, valueFrom: { [kind]: { name, key } } })));
}

function whole(order: ExperimentOrder, section: 'config_map_refs' | 'secret_refs'): V1EnvFromSource[] {
  const kind = section === 'secret_refs' ? 'secretRef' : 'configMapRef';
  return sourceOf(section, order).filter(({ items }) => items === undefined).map(({ name }) => ({ [kind]: { name } }));
}

function lastOfEach(variables: readonly V1EnvVar[]): V1EnvVar[] {
  return [...new Map(variables.map((one) => [one.name, one])).values()];
}
