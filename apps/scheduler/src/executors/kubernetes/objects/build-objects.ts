// What has to be in the cluster for an image to be built there?
import type { V1Container, V1Job, V1ObjectMeta, V1PodSpec, V1Secret, V1SecurityContext, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { podFolders, podOrderFile, podTokenFile, type BuildOrder } from '#storage';
import { signRunToken } from '#service-host';
import type { AttemptSpec } from '../../executor.ts';
import { amountsOf } from './amounts.ts';
import type { BuildPlan } from './build-plan.ts';
import type { BuildSettings, ClusterSettings } from './cluster-settings.ts';
import { codeOfAnnotation, epochOf, labelNames, managedBy, waiterAnnotation } from './names.ts';
import { codeOrderOf } from './pod-order.ts';
import { secretKeys } from './volumes.ts';

export interface BuildObjects {
  /** Made first: who finds it finds the build. */
  readonly job: V1Job;
  /** Belongs to the Job, and goes with it; its pod waits for it. */
  readonly secret: (owner: V1Job) => V1Secret;
}

export const builderContainer = 'build';
export const builderBring = 'bring';

/** The same for the same build, but for whose code it is: that of the attempt which comes first. */
export function buildObjects(spec: AttemptSpec, plan: BuildPlan, settings: ClusterSettings, build: BuildSettings): BuildObjects {
  const { name } = plan;
  const labels = buildLabels(settings.platformId, plan.key);
  const metadata = { name, namespace: build.namespace, labels };
  return {
    job: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { ...metadata, annotations: { [waiterAnnotation(spec)]: '', ...asWhat(plan, spec) } },
      spec: {
        // why it ended is for us to read: what was taken away is built again, what is wrong is not
        backoffLimit: 0,
        activeDeadlineSeconds: build.timeoutSeconds,
        ttlSecondsAfterFinished: build.keptSeconds,
        template: { metadata: { labels, annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' } }, spec: podSpec(plan, settings, build) },
      },
    },
    secret: ({ metadata: owner }) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...metadata, ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid: owner?.uid ?? '' }] },
      type: 'Opaque',
      stringData: { [secretKeys.token]: signRunToken(settings.runTokenSecret, spec), [secretKeys.order]: JSON.stringify(buildOrderOf(spec, plan, settings, build)) },
    }),
  };
}

/** Not those of an attempt: it may be for many. */
export function buildLabels(platformId: string, key: string): Record<string, string> {
  return { [labelNames.managedBy]: managedBy, [labelNames.platform]: platformId, [labelNames.build]: key };
}

export function buildOrderOf(spec: AttemptSpec, { base, context, lines }: BuildPlan, settings: ClusterSettings, build: BuildSettings): BuildOrder {
  return { run: podFolders.run, notes: podFolders.carrier, tokenFile: podTokenFile, code: codeOrderOf(spec, settings), base, context, lines, files: filesOf(build) };
}

/** BuildKit takes a registry that speaks HTTP for one only where it is told so. */
function filesOf({ isInsecure, repository }: BuildSettings): Record<string, string> {
  return isInsecure ? { [builderConfiguration]: `[registry.${JSON.stringify(repository.split('/')[0])}]\n  http = true\n` } : {};
}

function asWhat({ image, what }: BuildPlan, spec: AttemptSpec): V1ObjectMeta['annotations'] {
  return { 'polyaxon.io/image': image, 'polyaxon.io/builds': what.slice(0, 1000), [codeOfAnnotation]: epochOf(spec) };
}

const restricted: V1SecurityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } };

function podSpec(plan: BuildPlan, settings: ClusterSettings, build: BuildSettings): V1PodSpec {
  const pullPolicy = settings.imagePullPolicy === null ? {} : { imagePullPolicy: settings.imagePullPolicy };
  const login: V1VolumeMount[] = build.loginSecret === null ? [] : [{ name: 'login', mountPath: loginFolder[build.builder], readOnly: true }];
  const run: V1VolumeMount = { name: 'run', mountPath: podFolders.run };
  return {
    restartPolicy: 'Never',
    // what is half built is of no use
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(build.serviceAccount !== null && { serviceAccountName: build.serviceAccount }),
    ...(settings.imagePullSecrets.length > 0 && { imagePullSecrets: settings.imagePullSecrets.map((name) => ({ name })) }),
    volumes: volumesOf(plan, build),
    initContainers: [
      {
        name: builderBring,
        image: settings.platformImage,
        ...pullPolicy,
        command: ['node', 'dist/apps/carrier/src/main.js', 'bring-build', podOrderFile],
        workingDir: settings.platformFolder,
        env: [{ name: 'HOME', value: podFolders.carrier }],
        securityContext: restricted,
        volumeMounts: [run, { name: 'notes', mountPath: podFolders.carrier }, { name: 'secret', mountPath: podFolders.secret, readOnly: true }],
      },
    ],
    containers: [
      {
        name: builderContainer,
        image: build.builderImage,
        ...pullPolicy,
        ...commandOf[build.builder](plan, build),
        resources: amountsOf({ environment: {} }, { ...settings, requests: build.requests, limits: build.limits }),
        // the last it has said, of one that fails
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [run, { name: 'state', mountPath: stateFolder[build.builder] }, ...login],
      },
    ],
  };
}

function volumesOf({ name }: BuildPlan, { loginSecret }: BuildSettings): V1Volume[] {
  return [
    { name: 'run', emptyDir: {} },
    { name: 'notes', emptyDir: {} },
    { name: 'state', emptyDir: {} },
    { name: 'secret', secret: { secretName: name, defaultMode: 0o444 } },
    ...(loginSecret === null ? [] : [{ name: 'login', secret: { secretName: loginSecret, items: [{ key: '.dockerconfigjson', path: 'config.json' }] } }]),
  ];
}

const builderConfiguration = 'buildkitd.toml';
const stateFolder = { buildkit: '/polyaxon/state', 'buildkit-privileged': '/polyaxon/state', kaniko: '/workspace' } as const;
const loginFolder = { buildkit: '/polyaxon/login', 'buildkit-privileged': '/polyaxon/login', kaniko: '/kaniko/.docker' } as const;

/** Where `bring-build` puts what the builder reads. */
const places = { code: `${podFolders.run}/code`, dockerfile: `${podFolders.run}/docker` } as const;

type Command = (plan: BuildPlan, build: BuildSettings) => Pick<V1Container, 'command' | 'env' | 'securityContext'>;

const commandOf: Readonly<Record<BuildSettings['builder'], Command>> = {
  // rights as its makers say: the user namespace that it makes needs newuidmap, and its steps mount their own root
  buildkit: (plan, build) => ({
    ...buildkit(plan, build, ['--oci-worker-no-process-sandbox']),
    securityContext: { runAsUser: 1000, runAsGroup: 1000, runAsNonRoot: true, seccompProfile: { type: 'Unconfined' }, appArmorProfile: { type: 'Unconfined' } },
  }),
  'buildkit-privileged': (plan, build) => ({ ...buildkit(plan, build, []), securityContext: { privileged: true, runAsUser: 0 } }),
  kaniko: (plan, build) => ({
    command: [
      '/kaniko/executor', `--context=dir://${folderIn(plan)}`, `--dockerfile=${places.dockerfile}/Dockerfile`, `--destination=${plan.image}`, '--push-retry=3', '--image-fs-extract-retry=3',
      ...(build.isInsecure ? ['--insecure', '--insecure-pull'] : []),
    ],
    securityContext: { runAsUser: 0 },
  }),
};

function buildkit(plan: BuildPlan, build: BuildSettings, flags: readonly string[]): Pick<V1Container, 'command' | 'env'> {
  return {
    command: [
      'buildctl-daemonless.sh', 'build', '--progress', 'plain', '--frontend', 'dockerfile.v0', '--local', `context=${folderIn(plan)}`, '--local', `dockerfile=${places.dockerfile}`,
      '--output', `type=image,name=${plan.image},push=true${build.isInsecure ? ',registry.insecure=true' : ''}`, ...(plan.isFresh ? ['--no-cache'] : []),
    ],
    env: [
      // all that a step prints, however much and fast
      ...['SIZE', 'SPEED'].map((what) => ({ name: `BUILDKIT_STEP_LOG_MAX_${what}`, value: '-1' })),
      { name: 'BUILDKITD_FLAGS', value: [`--root=${stateFolder[build.builder]}`, ...flags, ...(build.isInsecure ? ['--config', `${places.dockerfile}/${builderConfiguration}`] : [])].join(' ') },
      ...(build.loginSecret === null ? [] : [{ name: 'DOCKER_CONFIG', value: loginFolder[build.builder] }]),
    ],
  };
}

function folderIn({ context }: BuildPlan): string {
  return context === '.' ? places.code : `${places.code}/${context}`;
}
