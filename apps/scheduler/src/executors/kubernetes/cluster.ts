// What does the scheduler ask of a cluster, in its own words?
import type { CoreV1Event, V1Job, V1Node, V1Pod, V1Secret, V1Service } from '@kubernetes/client-node';
import { ClusterProblem, problemOf } from './cluster-problem.ts';
import type { Connection, WatchOptions } from './connection.ts';
import type { JobSet, TrainingRuntime, TrainJob } from './objects/workload.ts';

export interface Kinds {
  readonly Job: V1Job;
  readonly Pod: V1Pod;
  readonly Secret: V1Secret;
  readonly Service: V1Service;
  readonly Event: CoreV1Event;
  readonly JobSet: JobSet;
  readonly TrainJob: TrainJob;
  readonly TrainingRuntime: TrainingRuntime;
}
export type Kind = keyof Kinds;

const groups: Readonly<Record<Kind, readonly [group: string, resource: string]>> = {
  Job: ['apis/batch/v1', 'jobs'],
  Pod: ['api/v1', 'pods'],
  Secret: ['api/v1', 'secrets'],
  Service: ['api/v1', 'services'],
  Event: ['api/v1', 'events'],
  JobSet: ['apis/jobset.x-k8s.io/v1alpha2', 'jobsets'],
  TrainJob: ['apis/trainer.kubeflow.org/v1alpha1', 'trainjobs'],
  TrainingRuntime: ['apis/trainer.kubeflow.org/v1alpha1', 'trainingruntimes'],
};

export interface Listed<Object> {
  readonly items: Object[];
  readonly resourceVersion: string;
}

export type Watched<Object> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Object }
  | { readonly type: 'BOOKMARK'; readonly object: { readonly metadata: { readonly resourceVersion: string } } };

export interface DeleteOptions {
  readonly propagationPolicy?: 'Background' | 'Foreground';
  readonly gracePeriodSeconds?: number;
  /** Only this very one, not one that has got its name since. */
  readonly uid?: string;
  /** Only as it was seen. */
  readonly resourceVersion?: string;
}

export interface Verb {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Of the resource, such as the log of a pod. */
  readonly part?: string;
  /** Of no namespace. */
  readonly isClusterWide?: boolean;
}

const pageSize = 500;
/** Metadata alone: what a Secret holds is nobody's business who counts them. */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

/** One namespace of one cluster. Every call has a bound, and throws nothing but `ClusterProblem`. */
export class Cluster {
  constructor(
    private readonly connection: Connection,
    readonly namespace: string,
  ) {}

  get server(): string {
    return this.connection.server;
  }

  async create<K extends Kind>(kind: K, body: Kinds[K]): Promise<Kinds[K]> {
    const [apiVersion] = groups[kind];
    const whole = { apiVersion: apiVersion.replace(/^apis?\//, ''), kind, ...body };
    return this.connection.ask({ method: 'POST', path: this.#path(kind), body: whole, asked: `create the ${kind} ${body.metadata?.name} in namespace ${this.namespace}` });
  }

  /** Null: there is none of that name. */
  async get<K extends Kind>(kind: K, name: string): Promise<Kinds[K] | null> {
    return orNull(this.connection.ask({ method: 'GET', path: this.#path(kind, name), asked: `get the ${kind} ${name}` }));
  }

  async node(name: string): Promise<V1Node | null> {
    return orNull(this.connection.ask({ method: 'GET', path: `/api/v1/nodes/${name}`, asked: `get the Node ${name}` }));
  }

  /** All of them, page by page, as they were at one moment. */
  async list<K extends Kind>(kind: K, selector: string, { onlyMetadata = false, fields = '' } = {}): Promise<Listed<Kinds[K]>> {
    const items: Kinds[K][] = [];
    for (let more = ''; ; ) {
      const query = { labelSelector: selector, limit: String(pageSize), ...(fields && { fieldSelector: fields }), ...(more && { continue: more }) };
      const page: { items?: Kinds[K][]; metadata: { resourceVersion: string; continue?: string } } = await this.connection.ask({
        method: 'GET', path: this.#path(kind), query, asked: `list ${groups[kind][1]} in namespace ${this.namespace}`, ...(onlyMetadata && { accept: metadataOnly }),
      });
      items.push(...(page.items ?? []));
      more = page.metadata.continue ?? '';
      if (more === '') return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  /** What happens after `resourceVersion`. Over when the server ends it, which it does every few minutes. */
  async *watch<K extends Kind>(
    kind: K,
    selector: string,
    { resourceVersion, seconds, ...how }: { resourceVersion: string; seconds: number } & WatchOptions,
  ): AsyncGenerator<Watched<Kinds[K]>> {
    const query = { watch: 'true', allowWatchBookmarks: 'true', labelSelector: selector, resourceVersion, timeoutSeconds: String(seconds) };
    const asked = `watch ${groups[kind][1]} in namespace ${this.namespace}`;
    for await (const line of this.connection.lines({ method: 'GET', path: this.#path(kind), query, asked }, how)) {
      const told = parsed(line) as { type: string; object: { code?: number } };
      if (told.type === 'ERROR') throw problemOf(told.object.code ?? 500, JSON.stringify(told.object), asked);
      yield told as unknown as Watched<Kinds[K]>;
    }
  }

  /** Null: it isn't there. `json` patches may test first, and change nothing when the test fails. */
  async patch<K extends Kind>(kind: K, name: string, patch: unknown, how: 'merge' | 'json' = 'merge'): Promise<Kinds[K] | null> {
    const contentType = how === 'merge' ? 'application/merge-patch+json' : 'application/json-patch+json';
    return orNull(this.connection.ask({ method: 'PATCH', path: this.#path(kind, name), body: patch, contentType, asked: `patch the ${kind} ${name}` }));
  }

  /** False: it wasn't there, or another one has its name now. */
  async delete(kind: Kind, name: string, { uid, resourceVersion, ...options }: DeleteOptions = {}): Promise<boolean> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options, ...(uid !== undefined && { preconditions: { uid, ...(resourceVersion !== undefined && { resourceVersion }) } }) };
    try {
      return (await orNull(this.connection.ask({ method: 'DELETE', path: this.#path(kind, name), body, asked: `delete the ${kind} ${name}` }))) !== null;
    } catch (error) {
      if (error instanceof ClusterProblem && error.kind === 'conflict' && uid !== undefined) return false;
      throw error;
    }
  }

  /** Of its newest file so many bytes from its beginning, or so many lines of its end, byte by byte as they were printed. */
  async podLog(pod: string, container: string, most: { readonly limitBytes: number } | { readonly tailLines: number }): Promise<Buffer> {
    const limits = Object.fromEntries(Object.entries(most).map(([name, value]) => [name, String(value)]));
    return this.connection.ask({ method: 'GET', path: `${this.#path('Pod', pod)}/log`, query: { container, ...limits }, accept: '*/*', asIs: true, asked: `read the log of the Pod ${pod}` });
  }

  async version(): Promise<{ readonly major: number; readonly minor: number; readonly said: string }> {
    const { major, minor, gitVersion } = await this.connection.ask<{ major: string; minor: string; gitVersion: string }>({ method: 'GET', path: '/version', asked: 'read its version' });
    return { major: Number.parseInt(major, 10), minor: Number.parseInt(minor, 10), said: gitVersion };
  }

  /** Whether objects of that kind, in the version that is used here, can be there at all. */
  async offers(kind: Kind): Promise<boolean> {
    const [group, resource] = groups[kind];
    const found = await orNull(this.connection.ask<{ resources?: { name: string }[] }>({ method: 'GET', path: `/${group}`, asked: `ask what ${group} has` }));
    return found?.resources?.some(({ name }) => name === resource) ?? false;
  }

  async mayWe({ verb, group, resource, part, isClusterWide = false }: Verb): Promise<boolean> {
    const spec = { resourceAttributes: { verb, group, resource, ...(part !== undefined && { subresource: part }), ...(!isClusterWide && { namespace: this.namespace }) } };
    const { status } = await this.connection.ask<{ status?: { allowed?: boolean } }>({
      method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', asked: 'ask what we may do',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec },
    });
    return status?.allowed === true;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  #path(kind: Kind, name?: string): string {
    const [group, resource] = groups[kind];
    return `/${group}/namespaces/${this.namespace}/${resource}${name === undefined ? '' : `/${name}`}`;
  }
}

async function orNull<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ClusterProblem && error.kind === 'not-found') return null;
    throw error;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new ClusterProblem('other', 'the cluster has sent half a line', { cause: error });
  }
}
