// What is the gateway told from outside?
import { codeRoot, integer, port, s3Variables, secret, serviceVariables, storeVariable, text, urls, type ConfigurationOf, type Variable } from '#service-host';

export const gatewayVariables = {
  ...serviceVariables,
  POLYAXON_PORT: port(8000),
  POLYAXON_ADMIN_USER: text('name of the administrator, who is there from the first start', 'root'),
  POLYAXON_ADMIN_PASSWORD: secret('password of the administrator'),
  POLYAXON_ADMIN_TOKEN: optional(secret('a token that is accepted for the administrator, so that a local command line is logged in')),
  POLYAXON_RUN_TOKEN_SECRET: secret('signs the tokens of runs; the scheduler has the same'),
  POLYAXON_CODE_ROOT: codeRoot,
  POLYAXON_CODE_STORE: storeVariable('where uploaded code is kept: empty for the folder, or `s3://bucket/prefix`; what is in the folder can still be found'),
  ...s3Variables,
  POLYAXON_GROUP_MEMBERS_LIMIT: integer('members that a group may have over its whole search', { min: 1, max: 100_000, fallback: 1000 }),
  POLYAXON_SCHEDULER_URL: urls('where the scheduler answers what runs use', ['http', 'https']),
  POLYAXON_STORAGE_MANAGER_URL: urls('where the storage-manager answers about outputs', ['http', 'https']),
  POLYAXON_LOG_COLLECTOR_URL: urls('where the log-collector answers about logs', ['http', 'https']),
} as const;

export type GatewayConfiguration = ConfigurationOf<typeof gatewayVariables>;

function optional<Value>(variable: Variable<Value>): Variable<Value | undefined> {
  return { ...variable, fallback: undefined };
}
