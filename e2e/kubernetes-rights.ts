// With which rights, and no others, does the scheduler of a test come to a cluster?
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '#testing';
import { needed, neededAs, useful } from '../apps/scheduler/src/executors/kubernetes/capabilities.ts';

const name = 'scheduler';

/** As the chart gives them, in `namespace`; `without` is one of them, as `create secrets`. */
export async function allow(cluster: Cluster, namespace: string, without?: string): Promise<void> {
  const all = [...needed, ...Object.values(neededAs).flat(), ...useful].map(({ part, ...verb }) => ({ ...verb, resource: part === undefined ? verb.resource : `${verb.resource}/${part}` }));
  const rules = all.filter(({ verb, resource }) => `${verb} ${resource}` !== without);
  const rulesOf = (isOfCluster: boolean) => rules.filter(({ isClusterWide = false }) => isClusterWide === isOfCluster).map(({ verb, group, resource }) => ({ apiGroups: [group], resources: [resource], verbs: [verb] }));
  const api = 'rbac.authorization.k8s.io';
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    { apiVersion: `${api}/v1`, kind: 'Role', metadata: { name, namespace }, rules: rulesOf(false) },
    { apiVersion: `${api}/v1`, kind: 'RoleBinding', metadata: { name, namespace }, roleRef: { apiGroup: api, kind: 'Role', name }, subjects },
    { apiVersion: `${api}/v1`, kind: 'ClusterRole', metadata: { name }, rules: rulesOf(true) },
    { apiVersion: `${api}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: api, kind: 'ClusterRole', name }, subjects },
  ];
  await cluster.kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
}

/** A file that anybody may read, of one who has these rights. */
export async function kubeconfigOf(cluster: Cluster, namespace: string): Promise<string> {
  await allow(cluster, namespace);
  const token = (await cluster.kubectl(['-n', namespace, 'create', 'token', name, '--duration', '24h'])).trim();
  const config = JSON.parse(await cluster.kubectl(['config', 'view', '--raw', '--flatten', '-o', 'json'])) as { users: { user: object }[] };
  for (const one of config.users) one.user = { token };
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, JSON.stringify(config));
  for (const path of [folder, file]) chmodSync(path, 0o755);
  return file;
}
