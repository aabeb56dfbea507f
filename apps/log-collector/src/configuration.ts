// What is the log-collector told from outside?
import { logsRoot, port, serviceVariables, type ConfigurationOf } from '#service-host';

export const variables = {
  ...serviceVariables,
  POLYAXON_PORT: port(0),
  POLYAXON_LOGS_ROOT: logsRoot,
} as const;

export type Configuration = ConfigurationOf<typeof variables>;
