// What does a program find in its environment?
import { signRunToken } from '#service-host';
import { buildVariablesOf } from '../build.ts';
import type { AttemptSpec } from '../executor.ts';
import { runVariables } from '../variables.ts';
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
  const { order, attempt, experimentId } = spec;
  const { runTokenSecret, pythonClient, inherited } = surroundings;
  const base = Object.fromEntries(passedOn.flatMap((name) => (inherited[name] ? [[name, inherited[name]]] : [])));
  const brought: Record<string, string> = { ...provisions.variables, ...buildVariablesOf(order) };
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...base,
    PYTHONUNBUFFERED: '1',
    ...brought,
    PYTHONPATH: [pythonClient, brought.PYTHONPATH ?? inherited.PYTHONPATH].filter(Boolean).join(':'),
    [markerVariable]: marker,
    ...runVariables(spec, { ...surroundings, ...provisions }),
    POLYAXON_SECRET_USER_TOKEN: signRunToken(runTokenSecret, { experimentId, attempt }),
  };
}
