// Is the cluster one that runs can be started in, and may we?
import { backOff, Pause } from '#messaging';
import { ClusterProblem } from './cluster-problem.ts';
import type { Cluster, Verb } from './cluster.ts';

const core = '';
const batch = 'batch';

function verbs(group: string, resource: string, ...names: readonly string[]): Verb[] {
  return names.map((verb) => ({ verb, group, resource }));
}

/** All that the scheduler does in the namespace of runs; the chart's Role is the same list. */
export const needed: readonly Verb[] = [
  ...verbs(batch, 'jobs', 'create', 'get', 'list', 'watch', 'patch', 'delete'),
  ...verbs(core, 'pods', 'get', 'list', 'watch', 'patch', 'delete'),
  ...verbs(core, 'secrets', 'create', 'get', 'list', 'delete'),
  ...verbs(core, 'services', 'create', 'get', 'list', 'delete'),
];

/** Without them runs go on, and less is told. */
export const useful: readonly Verb[] = [...verbs(core, 'events', 'list'), { verb: 'get', group: core, resource: 'nodes', isClusterWide: true }];

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

export async function capabilitiesOf(cluster: Pick<Cluster, 'version' | 'mayWe' | 'namespace'>): Promise<Capabilities> {
  const { major, minor, said } = await cluster.version();
  if (major < oldest.major || (major === oldest.major && minor < oldest.minor)) {
    return { hindrance: `the cluster is Kubernetes ${said}, which has no native sidecars: ${oldest.major}.${oldest.minor} or later is needed`, lacks: undefined };
  }
  const [missing, lacking] = await Promise.all([refused(cluster, needed), refused(cluster, useful)]);
  return {
    hindrance: missing.length === 0 ? undefined : `the cluster forbids the scheduler to ${missing.join(', ')} in namespace ${cluster.namespace}: a Role has to allow it (docs/kubernetes.md)`,
    lacks: lacking.length === 0 ? undefined : `the cluster forbids the scheduler to ${lacking.join(', ')}: less is told of runs that wait or whose node is lost`,
  };
}

async function refused(cluster: Pick<Cluster, 'mayWe'>, wanted: readonly Verb[]): Promise<string[]> {
  const answers = await Promise.all(wanted.map(async (verb) => ({ verb, may: await cluster.mayWe(verb) })));
  const byResource = new Map<string, string[]>();
  for (const { verb: { verb, resource }, may } of answers) if (!may) byResource.set(resource, [...(byResource.get(resource) ?? []), verb]);
  return [...byResource].map(([resource, names]) => `${names.join(', ')} ${resource}`);
}

/** Looks at the start, now and then, and more often while something is missing. */
export class WatchedCapabilities {
  readonly #pause = new Pause();
  #running: Promise<void> | undefined;
  #latest: Capabilities = { hindrance: 'the cluster has not been looked at yet', lacks: undefined };

  constructor(
    private readonly cluster: Cluster,
    private readonly changed: () => void,
  ) {}

  get latest(): Capabilities {
    return this.#latest;
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
        this.#latest = await capabilitiesOf(this.cluster);
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
