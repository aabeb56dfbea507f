// What is the log-collector told from outside?
import { logsRoot, port, s3Variables, serviceVariables, storeVariable, type ConfigurationOf } from '#service-host';

export const variables = {
  ...serviceVariables,
  POLYAXON_PORT: port(0),
  POLYAXON_LOGS_ROOT: logsRoot,
  POLYAXON_LOGS_STORE: storeVariable('where logs are kept once a run is over: empty for the folder, or `s3://bucket/prefix`; what is in the folder can still be read'),
  ...s3Variables,
} as const;

export type Configuration = ConfigurationOf<typeof variables>;
