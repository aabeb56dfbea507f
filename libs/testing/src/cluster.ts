// How does a test get a real Kubernetes?
import { Cluster, type ClusterOptions } from '../../../tools/stack/kube/cluster.ts';
import { addKindsOf, missingForOperators, startOperator } from '../../../tools/stack/kube/operators.ts';
import { missingForKube, type Level } from '../../../tools/stack/kube/provide.ts';

export type { Cluster };
export { addKindsOf, startOperator };

/** One skipped line where it can't run; on machines nobody watches that is a failure. `open` starts one of that level, and whoever opens it stops it. */
export function withCluster(level: Level, title: string, tests: (open: (options?: ClusterOptions) => Promise<Cluster>) => void): void {
  const missing = missingForKube(level);
  if (missing !== undefined && process.env.CI) throw new Error(missing);
  if (missing === undefined) describe(title, () => tests((options) => Cluster.start(level, options)));
  else it.skip(`${title} (${missing})`, () => undefined);
}

/** The same where JobSet or the trainer of Kubeflow is needed beside a cluster. */
export function withOperators(title: string, tests: () => void): void {
  const missing = missingForOperators();
  if (missing !== undefined && process.env.CI) throw new Error(missing);
  if (missing === undefined) describe(title, tests);
  else it.skip(`${title} (${missing})`, () => undefined);
}
