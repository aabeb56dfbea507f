// What does a program learn of its run, wherever it runs?
import { join } from 'node:path';
import type { ExperimentOrder } from '#contracts';
import type { AttemptSpec } from './executor.ts';

/** As the program sees them. */
export interface Whereabouts {
  readonly outputsRoot: string;
  readonly logsRoot: string;
  readonly gatewayUrl: string;
  readonly dataPaths: Readonly<Record<string, string>>;
  /** Absolute, in the order of the polyaxonfile. */
  readonly referencedOutputs: readonly string[];
}

/** One of several that train together. */
export interface Part {
  readonly role: string;
  readonly index: number;
}

/** Names and values that the tracking client, the original one included, knows. What it may only be told in private, its token, is not among them. */
export function runVariables(spec: AttemptSpec, where: Whereabouts, part: Part = { role: 'master', index: 0 }): Record<string, string> {
  const { order, attempt, cloningStrategy, sourceExperimentId, traceparent } = spec;
  const { outputsRoot, logsRoot, gatewayUrl } = where;
  const owner = `${order.user}.${order.project}`;
  const params = JSON.stringify(order.params);
  return {
    ...(traceparent && { TRACEPARENT: traceparent }),
    POLYAXON_IS_MANAGED: 'true',
    POLYAXON_RUN_OUTPUTS_PATH: join(outputsRoot, order.outputsPath),
    POLYAXON_LOGS_PATH: join(logsRoot, order.logsPath),
    POLYAXON_RUN_DATA_PATHS: JSON.stringify(where.dataPaths),
    POLYAXON_REFS_OUTPUTS_PATHS: JSON.stringify({ jobs: [], experiments: where.referencedOutputs }),
    POLYAXON_PARAMS: params,
    POLYAXON_DECLARATIONS: params,
    POLYAXON_EXPERIMENT_INFO: JSON.stringify(experimentInfo(order, owner, attempt, part)),
    ...(cloningStrategy !== null && { POLYAXON_CLONING_STRATEGY: cloningStrategy }),
    ...(sourceExperimentId !== null && { POLYAXON_ORIGINAL_NAME: `${owner}.${sourceExperimentId}` }),
    ...checkpointVariables(spec, outputsRoot),
    POLYAXON_LOG_LEVEL: logLevelOf(order),
    POLYAXON_API_HTTP_HOST: gatewayUrl,
    POLYAXON_API_WS_HOST: gatewayUrl.replace(/^http/, 'ws'),
    POLYAXON_API_VERSION: 'v1',
    POLYAXON_AUTHENTICATION_TYPE: 'Token',
  };
}

/** What separates it in the log from the attempt before; empty: nothing does. */
export function preambleOf({ attempt, order, preamble }: AttemptSpec): string {
  const restarts = order.environment.max_restarts;
  const isOfThem = typeof restarts === 'number' && attempt <= restarts + 1; // those that the machine took away come on top
  const which = attempt === 1 ? '' : `--- attempt ${attempt}${isOfThem ? ` of ${restarts + 1}` : ''} ---`;
  return [which, preamble].filter(Boolean).join('\n');
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

function experimentInfo(order: ExperimentOrder, owner: string, attempt: number, { role, index }: Part): Record<string, unknown> {
  return {
    project_name: owner,
    experiment_name: `${owner}.${order.experimentId}`,
    experiment_uuid: order.uuid,
    ...(order.groupId !== null && { experiment_group_name: `${owner}.${order.groupId}` }),
    attempt,
    role,
    ...(role !== 'master' && { index }),
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
