// What is the storage-manager told from outside?
import { outputsRoot, port, serviceVariables, type ConfigurationOf } from '#service-host';

export const variables = {
  ...serviceVariables,
  POLYAXON_PORT: port(0),
  POLYAXON_OUTPUTS_ROOT: outputsRoot,
} as const;

export type Configuration = ConfigurationOf<typeof variables>;
