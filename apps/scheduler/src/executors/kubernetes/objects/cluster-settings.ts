// What is an installation told of the cluster that its runs are pods of?
import type { S3Settings } from '#storage';
import type { ReplicasAs } from './workload.ts';

/** A store, whose outputs a pod has a copy of for as long as it runs; or a volume, by its claim, or (administrators only) by a folder of each node. */
export type PodOutputs =
  | { readonly kind: 's3'; readonly s3: S3Settings }
  | { readonly kind: 'claim'; readonly claim: string; /** Where the outputs root is in the volume; empty: at its top. */ readonly folder: string }
  | { readonly kind: 'host'; readonly folder: string };

export interface OutputsMount {
  /** Where a program finds outputs; their paths are laid out below. */
  readonly root: string;
  readonly outputs: PodOutputs;
}

/** Where what `environment.data_refs` names is. */
export interface DataVolume {
  readonly claim: string;
  /** Of the volume; empty: all of it. */
  readonly folder: string;
}

export interface Amounts {
  readonly cpuCores: number | null;
  readonly memoryBytes: number | null;
}

/** BuildKit without root, the same with all rights of its node (where nodes have no user namespaces), or Kaniko. */
export type Builder = 'buildkit' | 'buildkit-privileged' | 'kaniko';

/** How images are built for runs. */
export interface BuildSettings {
  /** Of a registry: all that is built is pushed there, a tag for each build. */
  readonly repository: string;
  /** It speaks HTTP. */
  readonly isInsecure: boolean;
  /** A Secret of the builds' namespace, with the logins of registries to push to and to have base images from; null: none is needed. */
  readonly loginSecret: string | null;
  readonly builder: Builder;
  readonly builderImage: string;
  /** Where builds are: their pods may have more rights than those of runs. */
  readonly namespace: string;
  readonly serviceAccount: string | null;
  readonly requests: Amounts;
  readonly limits: Amounts;
  /** A build may take so long. */
  readonly timeoutSeconds: number;
  /** For so long after its end a build is remembered, and its image taken to be there. */
  readonly keptSeconds: number;
}

export interface ClusterSettings {
  /** Of several installations in one cluster, which this is; what carries another's is never touched. */
  readonly platformId: string;
  readonly namespace: string;
  /** Of the containers beside the program. */
  readonly platformImage: string;
  /** In that image. */
  readonly platformFolder: string;
  /** For programs whose polyaxonfile has no `build.image`; null: they must have one. */
  readonly programImage: string | null;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never' | null;
  readonly imagePullSecrets: readonly string[];
  /** Of pods whose polyaxonfile names none; null: the namespace's default. */
  readonly serviceAccount: string | null;
  readonly outputs: OutputsMount;
  /** By the names that a polyaxonfile may use. */
  readonly namedOutputs: Readonly<Record<string, OutputsMount>>;
  readonly data: Readonly<Record<string, DataVolume>>;
  /** As pods reach it. */
  readonly gatewayUrl: string;
  readonly runTokenSecret: string;
  /** Null: that of the image, which has to be a number other than 0. */
  readonly runAsUser: number | null;
  /** Volumes are made writable for this group; null: they are left as they are. */
  readonly fsGroup: number | null;
  /** Of programs whose polyaxonfile asks for nothing else. */
  readonly requests: Amounts;
  readonly limits: Amounts;
  /** What devices are called here. */
  readonly gpuResource: string;
  readonly tpuResource: string;
  /** A stopped program has it, unless its polyaxonfile says another. */
  readonly graceSeconds: number;
  /** For what is to be done after the program has ended, the last carry with it. */
  readonly lastSeconds: number;
  /** A store should be no further behind. */
  readonly lagSeconds: number;
  /** A node may be silent for so long before its pods are given up. */
  readonly lostNodeSeconds: number;
  /** What attempts of several processes are. */
  readonly replicasAs: ReplicasAs;
  /** Of Kueue; null: pods are not queued. */
  readonly queueName: string | null;
  /** Null: no images are built. */
  readonly build: BuildSettings | null;
}
