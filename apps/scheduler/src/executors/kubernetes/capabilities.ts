// Is the cluster one that runs can be started in, and may we?
import { backOff, Pause } from '#messaging';
import { ClusterProblem } from './cluster-problem.ts';
import type { Cluster, Kind, Verb } from './cluster.ts';
import { trainerGroup } from './objects/job-set.ts';
import type { ReplicasAs } from './objects/workload.ts';

const core = '';
const batch = 'batch';

function verbs(group: string, resource: string, ...names: readonly string[]): Verb[] {
  return names.map((verb) => ({ verb, group, resource }));
}

const readLogs: Verb = { verb: 'get', group: core, resource: 'pods', part: 'log' };

/** All that the scheduler does in the namespace of runs; the chart's Role is the same list. */
export const needed: readonly Verb[] = [
  ...verbs(batch, 'jobs', 'create', 'get', 'list', 'watch', 'patch', 'delete'),
  ...verbs(core, 'pods', 'get', 'list', 'watch', 'patch', 'delete'),
  ...verbs(core, 'secrets', 'create', 'get', 'list', 'delete'),
  ...verbs(core, 'services', 'create', 'get', 'list', 'delete'),
];

/** All that it does in the namespace of builds, where images are built; the same list is the chart's Role there. */
export const neededToBuild: readonly Verb[] = [
  ...verbs(batch, 'jobs', 'create', 'get', 'list', 'watch', 'patch', 'delete'),
  ...verbs(core, 'pods', 'get', 'list', 'watch'),
  readLogs,
  ...verbs(core, 'secrets', 'create', 'get', 'delete'),
];

const ofSets = ['create', 'get', 'list', 'watch', 'patch', 'delete'];
/** What else it does where attempts of several processes are an operator's. */
export const neededAs: Readonly<Record<ReplicasAs, readonly Verb[]>> = {
  job: [],
  jobset: verbs('jobset.x-k8s.io', 'jobsets', ...ofSets),
  trainjob: [...verbs(trainerGroup, 'trainjobs', ...ofSets), ...verbs(trainerGroup, 'trainingruntimes', 'create', 'get', 'list', 'delete')],
};

interface Operator {
  readonly kinds: readonly Kind[];
  readonly what: string;
  readonly install: string;
}

const operators: Readonly<Record<ReplicasAs, Operator | undefined>> = {
  job: undefined,
  jobset: { kinds: ['JobSet'], what: 'JobSet (jobset.x-k8s.io/v1alpha2)', install: 'https://github.com/kubernetes-sigs/jobset/releases/download/v0.10.1/manifests.yaml' },
  trainjob: {
    kinds: ['TrainJob', 'TrainingRuntime'],
    what: "Kubeflow's trainer (trainer.kubeflow.org/v1alpha1)",
    install: '"https://github.com/kubeflow/trainer.git/manifests/overlays/manager?ref=v2.1.0"',
  },
};

/** Without them runs go on, and less is told. */
export const useful: readonly Verb[] = [...verbs(core, 'events', 'list'), readLogs, { verb: 'get', group: core, resource: 'nodes', isClusterWide: true }];

/** Sidecars that are ended after the program, without which its last output would be lost. */
const oldest = { major: 1, minor: 29 };

const looksEveryMs = 5 * 60_000;
const looksAgainMs = 10_000;

export interface Capabilities {
  /** Why nothing can be started. */
  readonly hindrance: string | undefined;
  /** What goes on without something. */
  readonly lacks: string | undefined;
}

/** `builds` is the cluster as who builds images sees it, in a namespace of their own; null: none are built. */
export async function capabilitiesOf(
  cluster: Pick<Cluster, 'version' | 'mayWe' | 'offers' | 'namespace'>,
  replicasAs: ReplicasAs = 'job',
  builds: Pick<Cluster, 'mayWe' | 'namespace'> | null = null,
): Promise<Capabilities> {
  const { major, minor, said } = await cluster.version();
  if (major < oldest.major || (major === oldest.major && minor < oldest.minor)) {
    return { hindrance: `the cluster is Kubernetes ${said}, which has no native sidecars: ${oldest.major}.${oldest.minor} or later is needed`, lacks: undefined };
  }
  const absent = await missingOperator(cluster, replicasAs);
  if (absent !== undefined) return { hindrance: absent, lacks: undefined };
  const [missing, toBuild, lacking] = await Promise.all([
    refused(cluster, [...needed, ...neededAs[replicasAs]]),
    builds ? refused(builds, neededToBuild) : [],
    refused(cluster, useful),
  ]);
  const forbidden = [
    ...(missing.length > 0 ? [`to ${missing.join(', ')} in namespace ${cluster.namespace}`] : []),
    ...(builds && toBuild.length > 0 ? [`to ${toBuild.join(', ')} in namespace ${builds.namespace}, where images are built`] : []),
  ];
  return {
    hindrance: forbidden.length === 0 ? undefined : `the cluster forbids the scheduler ${forbidden.join(', and ')}: a Role has to allow it (docs/kubernetes.md)`,
    lacks: lacking.length === 0 ? undefined : `the cluster forbids the scheduler to ${lacking.join(', ')}: less is told of runs that wait or whose node is lost, and kept of what a pod printed and could not send`,
  };
}

/** Attempts of several processes would wait for somebody who will never come. */
async function missingOperator(cluster: Pick<Cluster, 'offers'>, replicasAs: ReplicasAs): Promise<string | undefined> {
  const operator = operators[replicasAs];
  if (!operator) return undefined;
  const offered = await Promise.all(operator.kinds.map((kind) => cluster.offers(kind)));
  if (offered.every(Boolean)) return undefined;
  const how = operator.install.startsWith('"') ? '-k' : '-f';
  return `POLYAXON_KUBERNETES_REPLICAS is ${replicasAs}, and the cluster offers no ${operator.what}: install it (kubectl apply --server-side ${how} ${operator.install}), or set it to job`;
}

async function refused(cluster: Pick<Cluster, 'mayWe'>, wanted: readonly Verb[]): Promise<string[]> {
  const answers = await Promise.all(wanted.map(async (verb) => ({ verb, may: await cluster.mayWe(verb) })));
  const byResource = new Map<string, string[]>();
  for (const { verb: { verb, resource, part }, may } of answers) {
    const what = part === undefined ? resource : `${resource}/${part}`;
    if (!may) byResource.set(what, [...(byResource.get(what) ?? []), verb]);
  }
  return [...byResource].map(([resource, names]) => `${names.join(', ')} ${resource}`);
}

/** Looks at the start, now and then, and more often while something is missing. */
export class WatchedCapabilities {
  readonly #pause = new Pause();
  #running: Promise<void> | undefined;
  #latest: Capabilities = { hindrance: 'the cluster has not been looked at yet', lacks: undefined };

  constructor(
    private readonly cluster: Cluster,
    private readonly replicasAs: ReplicasAs,
    private readonly builds: Cluster | null,
    private readonly changed: () => void,
  ) {}

  get latest(): Capabilities {
    return this.#latest;
  }

  /** Something was forbidden that was allowed before. */
  lookAgain(): void {
    if (this.#latest.hindrance === undefined) this.#pause.wake();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#pause.end();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#pause.isOver; ) {
      try {
        const former = this.#latest.hindrance;
        this.#latest = await capabilitiesOf(this.cluster, this.replicasAs, this.builds);
        failures = 0;
        if (former !== this.#latest.hindrance) this.changed();
        await this.#pause.hold(this.#latest.hindrance === undefined ? looksEveryMs : looksAgainMs);
      } catch (error) {
        // what was known of an earlier look still holds; that nobody answers is said by the watches
        if (error instanceof ClusterProblem && error.kind !== 'unreachable') this.#latest = { ...this.#latest, hindrance: error.message };
        failures += 1;
        await this.#pause.hold(backOff(failures, Math.random, looksAgainMs));
      }
    }
  }
}
