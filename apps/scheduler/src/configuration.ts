// What is the scheduler told from outside?
import { codeRoot, integer, logsRoot, outputsRoot, port, runsRoot, s3Variables, secret, serviceVariables, storesVariables, storeVariable, text, url, type ConfigurationOf, type Variable } from '#service-host';
import { kubernetesVariables } from './executors/kubernetes/variables.ts';

function exitCodes(describe: string): Variable<readonly number[]> {
  return {
    describe,
    fallback: [],
    parse(value) {
      const codes = value.split(',').map((one) => Number(one.trim() || 'x'));
      if (!codes.every((code) => Number.isInteger(code) && code >= 1 && code <= 255)) throw new Error('expected whole numbers from 1 to 255, separated by commas');
      return codes;
    },
  };
}

export const variables = {
  ...serviceVariables,
  POLYAXON_PORT: port(0),
  POLYAXON_OUTPUTS_ROOT: outputsRoot,
  POLYAXON_OUTPUTS_STORE: storeVariable('where outputs are kept, as the storage-manager is told; with a store, programs find theirs under the folder for as long as they run'),
  ...s3Variables,
  ...storesVariables,
  POLYAXON_CARRY_LAG_SECONDS: integer('the store should be no further behind what a program has written', { min: 1, max: 3600, fallback: 10 }),
  POLYAXON_CARRY_LAST_SECONDS: integer('what a program has left may take so long to get into the store; then its run fails, and the files stay where they are', { min: 1, max: 86_400, fallback: 600 }),
  POLYAXON_LOGS_ROOT: logsRoot,
  POLYAXON_CODE_ROOT: codeRoot,
  POLYAXON_CODE_STORE: storeVariable('where uploaded code is kept, as the gateway is told'),
  POLYAXON_RUNS_ROOT: runsRoot,
  POLYAXON_RUN_TOKEN_SECRET: secret('with it the tokens of running programs are signed and checked'),
  POLYAXON_GATEWAY_URL: url('where programs find the API', ['http', 'https'], 'http://127.0.0.1:8000'),
  POLYAXON_MAX_CONCURRENT_RUNS: integer('runs that are live at once; 0: one for each processor, at least 2; on a cluster 500', { min: 0, max: 10_000, fallback: 0 }),
  POLYAXON_GRACE_PERIOD_SECONDS: integer('time a stopped program has before it is killed, unless its polyaxonfile says another', { min: 0, max: 86_400, fallback: 30 }),
  POLYAXON_RESTART_DELAY_SECONDS: integer('before a failed run is started again (max_restarts); doubles with each time, up to 5 minutes', { min: 0, max: 300, fallback: 10 }),
  POLYAXON_MAX_PREEMPTIONS: integer('how often a run that the machine took away (evicted, its node or its processes gone) goes on by itself; apart from max_restarts', { min: 0, max: 10_000, fallback: 50 }),
  POLYAXON_INFRASTRUCTURE_EXIT_CODES: exitCodes("exit codes of programs that are the machine's fault, separated by commas, such as 143; they count as if the machine had taken the run away"),
  POLYAXON_SECRETS_ROOT: text('folder of secrets, NAME/KEY each; empty: `secrets` beside the folder of runs', ''),
  POLYAXON_CONFIG_MAPS_ROOT: text('folder of settings, NAME/KEY each; empty: `config` beside the folder of runs', ''),
  POLYAXON_DATA_ROOT: text('folder of data stores, a folder or a link for each name; empty: `data` beside the folder of runs', ''),
  POLYAXON_PYTHON_CLIENT: text('folder with the Python client for runs; empty: the one that comes with the platform', ''),
  POLYAXON_CGROUP: text('control group under which runs get theirs, as written in /proc/self/cgroup; empty: that of the scheduler, where it owns it', ''),
  ...kubernetesVariables,
} as const;

export type Configuration = ConfigurationOf<typeof variables>;
