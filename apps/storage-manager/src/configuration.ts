// What is the storage-manager told from outside?
import { choice, outputsRoot, port, secret, serviceVariables, text, url, type ConfigurationOf, type Variable } from '#service-host';

const store: Variable<string> = {
  describe: 'where outputs are kept: empty for the folder, or `s3://bucket/prefix`',
  fallback: '',
  parse(value) {
    if (/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[^/]+)*\/?$/.test(value)) return value.replace(/\/$/, '');
    throw new Error('expected s3://bucket or s3://bucket/prefix');
  },
};

export const variables = {
  ...serviceVariables,
  POLYAXON_PORT: port(0),
  POLYAXON_OUTPUTS_ROOT: outputsRoot,
  POLYAXON_OUTPUTS_STORE: store,
  POLYAXON_S3_ENDPOINT: url('address of the S3 store', ['https', 'http'], 'https://s3.amazonaws.com'),
  POLYAXON_S3_REGION: text('region of its bucket', 'us-east-1'),
  POLYAXON_S3_PATH_STYLE: choice('`true`: the bucket is in the path, `false`: in the host name', ['true', 'false'], 'true'),
  POLYAXON_S3_ACCESS_KEY: text('access key of the S3 store', ''),
  POLYAXON_S3_ACCESS_KEY_FILE: text('file that holds it instead', ''),
  POLYAXON_S3_SECRET_KEY: { ...secret('secret key of the S3 store'), fallback: '' },
  POLYAXON_S3_SECRET_KEY_FILE: text('file that holds it instead', ''),
} as const;

export type Configuration = ConfigurationOf<typeof variables>;
