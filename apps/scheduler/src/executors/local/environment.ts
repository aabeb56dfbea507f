// What does a program find in its environment?
import { join } from 'node:path';
import type { ExperimentOrder } from '#contracts';
import { signRunToken } from '#service-host';
import type { AttemptSpec } from '../executor.ts';
import { buildVariablesOf } from './build.ts';
import { markerVariable } from './processes.ts';
import type { Provisions } from './provisions.ts';

/** Where things are on this machine, and whom a program may ask. */
export interface Surroundings {
  readonly outputsRoot: string;
  readonly logsRoot: string;
  readonly gatewayUrl: string;
  readonly runTokenSecret: string;
  /** Goes first in the search path of Python. */
  readonly pythonClient: string;
  /** Of the scheduler's own process: only what describes the machine and its user is passed on, never what the platform is told. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

const passedOn = [
  'PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'VIRTUAL_ENV', 'CONDA_PREFIX', 'CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES',
];

const nothing: Provisions = { variables: {}, dataPaths: {}, referencedOutputs: [] };

/**
 * Names and values that the tracking client, the original one included, knows. `marker` is how its processes are recognised. What users bring along wins over the machine's,
 * and never over the platform's.
 */
export function environmentOf(spec: AttemptSpec, surroundings: Surroundings, marker: string, provisions = nothing): Record<string, string> {
  const { order, attempt, experimentId, cloningStrategy, sourceExperimentId, traceparent } = spec;
  const { outputsRoot, logsRoot, gatewayUrl, runTokenSecret, pythonClient, inherited } = surroundings;
  const owner = `${order.user}.${order.project}`;
  const base = Object.fromEntries(passedOn.flatMap((name) => (inherited[name] ? [[name, inherited[name]]] : [])));
  const brought: Record<string, string> = { ...provisions.variables, ...buildVariablesOf(order) };
  const params = JSON.stringify(order.params);
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...base,
    PYTHONUNBUFFERED: '1',
    ...brought,
    PYTHONPATH: [pythonClient, brought.PYTHONPATH ?? inherited.PYTHONPATH].filter(Boolean).join(':'),
    ...(traceparent && { TRACEPARENT: traceparent }),
    [markerVariable]: marker,
    POLYAXON_IS_MANAGED: 'true',
    POLYAXON_RUN_OUTPUTS_PATH: join(outputsRoot, order.outputsPath),
    POLYAXON_LOGS_PATH: join(logsRoot, order.logsPath),
    POLYAXON_RUN_DATA_PATHS: JSON.stringify(provisions.dataPaths),
    POLYAXON_REFS_OUTPUTS_PATHS: JSON.stringify({ jobs: [], experiments: provisions.referencedOutputs }),
    POLYAXON_PARAMS: params,
    POLYAXON_DECLARATIONS: params,
    POLYAXON_EXPERIMENT_INFO: JSON.stringify(experimentInfo(order, owner, attempt)),
    ...(cloningStrategy !== null && { POLYAXON_CLONING_STRATEGY: cloningStrategy }),
    ...(sourceExperimentId !== null && { POLYAXON_ORIGINAL_NAME: `${owner}.${sourceExperimentId}` }),
    ...checkpointVariables(spec, outputsRoot),
    POLYAXON_LOG_LEVEL: logLevelOf(order),
    POLYAXON_API_HTTP_HOST: gatewayUrl,
    POLYAXON_API_WS_HOST: gatewayUrl.replace(/^http/, 'ws'),
    POLYAXON_API_VERSION: 'v1',
    POLYAXON_AUTHENTICATION_TYPE: 'Token',
    POLYAXON_SECRET_USER_TOKEN: signRunToken(runTokenSecret, { experimentId, attempt }),
  };
}

function checkpointVariables({ checkpoint, order }: AttemptSpec, outputsRoot: string): Record<string, string> {
  if (!checkpoint?.offered) return {};
  const { path, step, framework } = checkpoint.offered;
  return {
    POLYAXON_CHECKPOINT_PATH: join(outputsRoot, order.outputsPath, path),
    POLYAXON_CHECKPOINT_FRAMEWORK: framework,
    ...(step !== null && { POLYAXON_CHECKPOINT_STEP: String(step) }),
  };
}

function experimentInfo(order: ExperimentOrder, owner: string, attempt: number): Record<string, unknown> {
  return {
    project_name: owner,
    experiment_name: `${owner}.${order.experimentId}`,
    experiment_uuid: order.uuid,
    ...(order.groupId !== null && { experiment_group_name: `${owner}.${order.groupId}` }),
    attempt,
    role: 'master',
    type: 'experiment',
  };
}

/** As the polyaxonfile's `logging` says; older orders have it in their content only. */
function logLevelOf({ content, logLevel }: ExperimentOrder): string {
  if (logLevel) return logLevel;
  try {
    const { logging } = JSON.parse(content) as { logging?: { level?: unknown } | null };
    if (typeof logging?.level === 'string') return logging.level.toUpperCase();
  } catch {
    // one without a polyaxonfile
  }
  return 'INFO';
}
