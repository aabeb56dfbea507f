// What is the scheduler told of the cluster that runs are pods of?
import { cpuCores, memoryBytes } from '#polyaxonfile';
import { choice, integer, platformVersion, text, type ConfigurationOf, type Variable } from '#service-host';
import type { Amounts, DataVolume, PodOutputs } from './objects/cluster-settings.ts';

type Place = Exclude<PodOutputs, { readonly kind: 's3' }>;

/** The default place is called ''. */
function places(describe: string): Variable<Readonly<Record<string, Place>>> {
  return {
    describe,
    fallback: {},
    parse: (value) => Object.fromEntries(listed(value).map((one): [string, Place] => {
      const [, name = '', kind, place = ''] = /^(?:([^=:]+)=)?(claim|host):(.+)$/.exec(one) ?? [];
      if (kind === 'host' && place.startsWith('/')) return [name, { kind, folder: place }];
      const [, claim, folder = ''] = /^([a-z0-9][-a-z0-9.]{0,252})(?:\/(.+))?$/.exec(place) ?? [];
      if (kind !== 'claim' || claim === undefined) throw new Error(`expected claim:NAME, claim:NAME/folder or host:/folder, and not ${one}`);
      return [name, { kind, claim, folder }];
    })),
  };
}

function claims(describe: string): Variable<Readonly<Record<string, DataVolume>>> {
  return {
    describe,
    fallback: {},
    parse: (value) => Object.fromEntries(listed(value).map((one) => {
      const [, name, claim, folder = ''] = /^([^=]+)=([a-z0-9][-a-z0-9.]{0,252})(?:\/(.+))?$/.exec(one) ?? [];
      if (name === undefined || claim === undefined) throw new Error(`expected NAME=CLAIM or NAME=CLAIM/folder, and not ${one}`);
      return [name, { claim, folder }];
    })),
  };
}

function amounts(describe: string): Variable<Amounts> {
  return {
    describe,
    fallback: { cpuCores: null, memoryBytes: null },
    parse(value) {
      const given: Readonly<Record<string, string | undefined>> = Object.fromEntries(listed(value).map((one) => one.split('=', 2) as [string, string]));
      const { cpu, memory, ...others } = given;
      const found = { cpuCores: cpu === undefined ? null : cpuCores(cpu), memoryBytes: memory === undefined ? null : memoryBytes(memory) };
      if (Object.keys(others).length > 0 || found.cpuCores === undefined || found.memoryBytes === undefined) throw new Error('expected cpu=2,memory=4Gi, or one of them');
      return found as Amounts;
    },
  };
}

function names(describe: string): Variable<readonly string[]> {
  return { describe, fallback: [], parse: listed };
}

function listed(value: string): string[] {
  return value.split(',').map((one) => one.trim()).filter(Boolean);
}

const day = 86_400;

export const kubernetesVariables = {
  POLYAXON_EXECUTOR: choice('what runs are: local (processes of this machine) or kubernetes (pods of a cluster)', ['local', 'kubernetes'], 'local'),
  POLYAXON_KUBERNETES_KUBECONFIG: text('kubeconfig that says where the cluster is; empty: that of the pod the scheduler is in, else as kubectl finds it', ''),
  POLYAXON_KUBERNETES_CONTEXT: text('context in it; empty: the current one', ''),
  POLYAXON_KUBERNETES_NAMESPACE: text('where runs are; empty: the namespace of the context, else default', ''),
  POLYAXON_KUBERNETES_PLATFORM: text('which of several platforms in one cluster this is, a label of all it makes; empty: one of its own that the database keeps', ''),
  POLYAXON_KUBERNETES_GATEWAY_URL: text('where pods reach the gateway; empty: POLYAXON_GATEWAY_URL', ''),
  POLYAXON_KUBERNETES_PLATFORM_IMAGE: text(
    'image of the platform, for the containers that bring code and outputs into pods and carry them back',
    `polyaxon/platform:${platformVersion()}`,
  ),
  POLYAXON_KUBERNETES_PLATFORM_FOLDER: text('folder of the platform in that image', '/opt/platform'),
  POLYAXON_KUBERNETES_PROGRAM_IMAGE: text('image of runs whose polyaxonfile names none in build.image; empty: such runs are refused', ''),
  POLYAXON_KUBERNETES_IMAGE_PULL_POLICY: choice(
    "when nodes ask a registry for images: Always, IfNotPresent or Never; empty: as Kubernetes does by the image's tag",
    ['', 'Always', 'IfNotPresent', 'Never'],
    '',
  ),
  POLYAXON_KUBERNETES_IMAGE_PULL_SECRETS: names('Secrets with logins of registries, separated by commas, in the namespace of runs'),
  POLYAXON_KUBERNETES_SERVICE_ACCOUNT: text('ServiceAccount of pods whose polyaxonfile names none; empty: that of the namespace', ''),
  POLYAXON_KUBERNETES_OUTPUTS: places(
    'volume with outputs, when they are not in a store: claim:NAME, claim:NAME/folder or host:/folder (of every node); further ones of POLYAXON_STORES_FILE as NAME=claim:..., separated by commas',
  ),
  POLYAXON_KUBERNETES_DATA: claims('volumes that environment.data_refs may name: NAME=CLAIM or NAME=CLAIM/folder, separated by commas'),
  POLYAXON_KUBERNETES_RUN_AS_USER: integer('number of the user that pods run as; 0: that of their image, which may not be root', {
    min: 0,
    max: 2 ** 31 - 1,
    fallback: 1000,
  }),
  POLYAXON_KUBERNETES_FS_GROUP: integer('number of the group that volumes are made writable for; 0: they are left as they are', {
    min: 0,
    max: 2 ** 31 - 1,
    fallback: 1000,
  }),
  POLYAXON_KUBERNETES_REQUESTS: amounts('what a program asks for whose polyaxonfile says nothing of it, such as cpu=1,memory=2Gi'),
  POLYAXON_KUBERNETES_LIMITS: amounts('the most that such a program may use'),
  POLYAXON_KUBERNETES_GPU_RESOURCE: text('what a GPU is called in the cluster', 'nvidia.com/gpu'),
  POLYAXON_KUBERNETES_TPU_RESOURCE: text('what a TPU is called in the cluster', 'google.com/tpu'),
  POLYAXON_KUBERNETES_REPLICAS: choice(
    "what several processes that train together (environment.replicas) are: job (one Indexed Job for all), jobset (a JobSet, if the cluster has its controller), or trainjob (a TrainJob of Kubeflow's trainer 2)",
    ['job', 'jobset', 'trainjob'],
    'job',
  ),
  POLYAXON_KUBERNETES_QUEUE: text('LocalQueue of Kueue that runs wait in; empty: they are not queued', ''),
  POLYAXON_KUBERNETES_LOST_NODE_SECONDS: integer('a node may be silent for so long before its runs are given up', { min: 1, max: day, fallback: 60 }),
  POLYAXON_KUBERNETES_START_SECONDS: integer("a run whose image can't be had, or whose container can't be made, is given up after so long", {
    min: 1,
    max: 30 * day,
    fallback: 900,
  }),
  POLYAXON_KUBERNETES_UNSCHEDULABLE_SECONDS: integer('a run that no node has room for is given up after so long; 0: never', { min: 0, max: 365 * day, fallback: 0 }),
  POLYAXON_KUBERNETES_REGISTRY: {
    describe: 'repository of a registry that images are built into, such as registry.example.org/team/runs; empty: none are built',
    fallback: '',
    parse(value) {
      if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*)+$/.test(value)) return value;
      throw new Error('expected HOST[:PORT]/NAME in small letters, without http:// and without a tag');
    },
  } satisfies Variable<string>,
  POLYAXON_KUBERNETES_REGISTRY_INSECURE: choice('yes: that registry speaks HTTP', ['yes', 'no'], 'no'),
  POLYAXON_KUBERNETES_REGISTRY_SECRET: text(
    'Secret (kubernetes.io/dockerconfigjson) in the namespace of builds, with the logins of that registry and of those that base images come from; empty: none',
    '',
  ),
  POLYAXON_KUBERNETES_BUILDER: choice(
    'what builds images: buildkit (without root), buildkit-privileged (where nodes have no user namespaces), or kaniko',
    ['buildkit', 'buildkit-privileged', 'kaniko'],
    'buildkit',
  ),
  POLYAXON_KUBERNETES_BUILDER_IMAGE: text('image of the builder; empty: that of its makers', ''),
  POLYAXON_KUBERNETES_BUILD_NAMESPACE: text('where builds are, whose pods need more rights than those of runs; empty: where runs are', ''),
  POLYAXON_KUBERNETES_BUILD_SERVICE_ACCOUNT: text('ServiceAccount of builds; empty: that of their namespace', ''),
  POLYAXON_KUBERNETES_BUILD_REQUESTS: amounts('what a build asks for, such as cpu=1,memory=2Gi'),
  POLYAXON_KUBERNETES_BUILD_LIMITS: amounts('the most that a build may use'),
  POLYAXON_KUBERNETES_BUILD_SECONDS: integer('a build that is not done after so long has failed', { min: 10, max: 7 * day, fallback: 3600 }),
  POLYAXON_KUBERNETES_BUILD_KEEP_SECONDS: integer('a build is remembered for so long, and not done again; the registry must keep its image as long', {
    min: 60,
    max: 365 * day,
    fallback: 7 * day,
  }),
} as const;

export type KubernetesVariables = ConfigurationOf<typeof kubernetesVariables>;
