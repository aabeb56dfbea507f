// What is the gateway told from outside?
import { cpuCores, devices, memoryBytes, type Json } from '#polyaxonfile';
import { choice, codeRoot, integer, port, s3Variables, secret, serviceVariables, storeVariable, text, urls, type ConfigurationOf, type Variable } from '#service-host';
import type { Policy } from './experiment/policy.ts';

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
  POLYAXON_POLICY: choice(
    '`restricted`: a polyaxonfile that asks for more of a machine than a run has (privileged, folders of the host, its network ...) is refused; `open`: that has no effect',
    ['open', 'restricted'],
    'open',
  ),
  POLYAXON_POLICY_SERVICE_ACCOUNTS: text(
    'service accounts that a polyaxonfile may name, separated by commas; empty: any where the policy is open, none where it is restricted',
    '',
  ),
  POLYAXON_POLICY_CPU_MAX: optional(quantity('cores that a run may ask for, with all its replicas, as `16` or `500m`; empty: any', cpuCores)),
  POLYAXON_POLICY_MEMORY_MAX: optional(quantity('memory that a run may ask for, with all its replicas, as `64Gi`; empty: any', memoryBytes)),
  POLYAXON_POLICY_GPU_MAX: optional(quantity('GPUs that a run may ask for, with all its replicas; empty: any', devices)),
  POLYAXON_SCHEDULER_URL: urls('where the scheduler answers what runs use', ['http', 'https']),
  POLYAXON_STORAGE_MANAGER_URL: urls('where the storage-manager answers about outputs', ['http', 'https']),
  POLYAXON_LOG_COLLECTOR_URL: urls('where the log-collector answers about logs', ['http', 'https']),
} as const;

export type GatewayConfiguration = ConfigurationOf<typeof gatewayVariables>;

export function policyIn(told: GatewayConfiguration): Policy {
  const isRestricted = told.POLYAXON_POLICY === 'restricted';
  const accounts = told.POLYAXON_POLICY_SERVICE_ACCOUNTS.split(',').map((name) => name.trim()).filter(Boolean);
  return {
    isRestricted,
    serviceAccounts: accounts.length > 0 || isRestricted ? accounts : null,
    cpuCoresMax: told.POLYAXON_POLICY_CPU_MAX ?? null,
    memoryBytesMax: told.POLYAXON_POLICY_MEMORY_MAX ?? null,
    gpusMax: told.POLYAXON_POLICY_GPU_MAX ?? null,
  };
}

/** As a polyaxonfile writes it. */
function quantity(describe: string, read: (value: Json) => number | undefined): Variable<number> {
  return {
    describe,
    parse(value) {
      const amount = read(value.trim());
      if (amount === undefined) throw new Error('expected a quantity as in a polyaxonfile, such as 4, 500m or 64Gi');
      return amount;
    },
  };
}

function optional<Value>(variable: Variable<Value>): Variable<Value | undefined> {
  return { ...variable, fallback: undefined };
}
