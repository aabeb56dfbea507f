// What is the storage-manager told from outside?
import { outputsRoot, port, s3Variables, serviceVariables, storesVariables, storeVariable, type ConfigurationOf } from '#service-host';

export const variables = {
  ...serviceVariables,
  POLYAXON_PORT: port(0),
  POLYAXON_OUTPUTS_ROOT: outputsRoot,
  POLYAXON_OUTPUTS_STORE: storeVariable('where outputs are kept: empty for the folder, or `s3://bucket/prefix`'),
  ...s3Variables,
  ...storesVariables,
} as const;

export type Configuration = ConfigurationOf<typeof variables>;
