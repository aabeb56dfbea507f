// Of which containers does the pod of an attempt consist, and what may they do?
import type { V1Container, V1EnvVar, V1PodSpec, V1PodTemplateSpec, V1SecurityContext, V1Toleration } from '@kubernetes/client-node';
import type { Replica } from '#polyaxonfile';
import { podFolders, podOrderFile } from '#storage';
import { buildStepsOf } from '../../build.ts';
import type { AttemptSpec } from '../../executor.ts';
import { amountsOf, platformAmounts } from './amounts.ts';
import { buildPlanOf, referredImage } from './build-plan.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import { graceOf, programEnvironment } from './container-variables.ts';
import { consoleAnnotation, containerNames, keptFinalizer } from './names.ts';
import { consolePathOf } from './pod-order.ts';
import { beginning, firstVariable, replicasIn, replicaWarnings, sharedAmounts } from './replicas.ts';
import { podVolumes } from './volumes.ts';
import { affinityOf, annotationsOf, impossible, labelsIn, nameOf, namesIn, tolerationsOf } from './wanted.ts';

/** As PodSecurity `restricted` wants it, which many clusters enforce. */
const restricted: V1SecurityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const carrierMegabytes = 256;
const machineAccess = ['security_context', 'volumes', 'volume_mounts', 'host_path', 'host_network', 'host_pid', 'host_ipc', 'privileged'];

/** Of the pods of a set only those of one role are alike. */
export interface RolePart {
  readonly replicas: readonly Replica[];
  /** The first of them, among all. */
  readonly first: number;
}

export function podTemplate(spec: AttemptSpec, settings: ClusterSettings, name: string, labels: Readonly<Record<string, string>>, part?: RolePart): V1PodTemplateSpec {
  const { order } = spec;
  return {
    metadata: {
      labels: { ...labelsIn('labels', order), ...labels },
      // a machine is not to be put away under a training only because it could be; whoever thinks otherwise says so
      annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false', ...annotationsOf(order), [consoleAnnotation]: consolePathOf(spec) },
      finalizers: [keptFinalizer],
    },
    spec: podSpec(spec, settings, name, part),
  };
}

/** What is asked for and is not done here. */
export function warningsOf({ order }: AttemptSpec, settings: ClusterSettings): string[] {
  const build = order.build ?? {};
  const isBuilt = buildPlanOf(order, settings) !== null;
  const keys = isBuilt ? ['commit', 'branch', 'backend'] : ['context', 'commit', 'branch', 'nocache', 'backend'];
  const why = isBuilt ? "an image is built of the experiment's own code, as the installation builds" : `no image is built, the program runs in ${String(build.image ?? 'the default one')}`;
  const unused = keys.filter((key) => build[key] !== undefined && build[key] !== null && build[key] !== false);
  const noAccess = machineAccess.filter((key) => isSaid(order.environment[key]));
  return [
    ...(unused.length === 0 ? [] : [`build: ${unused.join(', ')} ${unused.length > 1 ? 'have' : 'has'} no effect: ${why}`]),
    ...(noAccess.length === 0 ? [] : [`environment: ${noAccess.join(', ')} ${noAccess.length > 1 ? 'have' : 'has'} no effect: a run has the rights and the volumes that its installation gives to all`]),
    ...replicaWarnings(replicasIn(order), settings),
  ];
}

function podSpec(spec: AttemptSpec, settings: ClusterSettings, name: string, part?: RolePart): V1PodSpec {
  const { order } = spec;
  const serviceAccount = typeof order.environment.service_account === 'string' ? nameOf('environment.service_account', order.environment.service_account) : settings.serviceAccount;
  const pullSecrets = [...new Set([...settings.imagePullSecrets, ...namesIn('environment.image_pull_secrets', order.environment.image_pull_secrets)])];
  const selector = labelsIn('node_selector', order);
  const affinity = affinityOf(order);
  const volumes = podVolumes(spec, settings, name);
  const replicas = part?.replicas ?? replicasIn(order);
  const which = part ? [{ name: firstVariable, value: String(part.first) }] : [];
  const program = programEnvironment(spec, settings, { ...volumes, logsRoot: `${podFolders.run}/logs`, gatewayUrl: settings.gatewayUrl });
  return {
    restartPolicy: 'Never',
    ...(replicas.length > 0 && { subdomain: name }),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: graceOf(order, settings) + settings.lastSeconds,
    securityContext: {
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
      ...(settings.runAsUser !== null && { runAsUser: settings.runAsUser }),
      ...(settings.fsGroup !== null && { fsGroup: settings.fsGroup, fsGroupChangePolicy: 'OnRootMismatch' }),
    },
    ...(serviceAccount !== null && { serviceAccountName: serviceAccount }),
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((one) => ({ name: one })) }),
    ...(Object.keys(selector).length > 0 && { nodeSelector: selector }),
    ...(affinity && { affinity }),
    tolerations: withLostNodes(tolerationsOf(order), settings.lostNodeSeconds),
    volumes: volumes.volumes,
    initContainers: [
      { ...platformContainer(settings, containerNames.bring, 'bring', which), volumeMounts: volumes.platform },
      { ...platformContainer(settings, containerNames.carrier, 'attend', which), restartPolicy: 'Always', volumeMounts: volumes.platform },
    ],
    containers: [
      {
        name: containerNames.experiment,
        ...imageAndPolicy(spec, settings),
        command: replicas.length > 0 ? ['/bin/sh', '-c', beginning] : ['/bin/sh', `${podFolders.run}/attempt.sh`],
        workingDir: podFolders.run,
        ...program,
        env: [...program.env, ...which],
        resources: replicas.length > 0 ? sharedAmounts(replicas, settings) : amountsOf(order, settings),
        securityContext: restricted,
        volumeMounts: volumes.program,
      },
    ],
  };
}

/** What was built for it is never on a node before. */
function imageAndPolicy(spec: AttemptSpec, settings: ClusterSettings): { image: string; imagePullPolicy?: string } {
  const built = buildPlanOf(spec.order, settings)?.image ?? referredImage(spec.order, settings);
  return built === null ? { image: imageOf(spec, settings), ...pullPolicy(settings) } : { image: built, imagePullPolicy: 'IfNotPresent' };
}

/** Also where build steps run when no image is built: they are what it would have been built by. */
export function imageOf({ order }: AttemptSpec, { programImage }: Pick<ClusterSettings, 'programImage'>): string {
  const { image, dockerfile, ref } = order.build ?? {};
  if (typeof image === 'string') return image;
  for (const [key, value] of Object.entries({ dockerfile, ref })) {
    if (value !== undefined && value !== null) throw impossible(`build.${key}: no images are built here, since no registry is configured`, 'build it, push it, and name it in build.image');
  }
  if (programImage !== null) return programImage;
  const steps = buildStepsOf(order).length > 0 ? ' (build_steps run in it)' : '';
  throw impossible(`its polyaxonfile names no image to run in${steps}, and this platform has no default one`, 'name one in build.image, as in `build: {image: "python:3.12"}`');
}

function platformContainer(settings: ClusterSettings, name: string, what: 'bring' | 'attend', which: readonly V1EnvVar[]): V1Container {
  const env = [...(settings.runAsUser !== null ? [{ name: 'HOME', value: podFolders.carrier }] : []), ...which];
  return {
    name,
    image: settings.platformImage,
    ...pullPolicy(settings),
    command: ['node', `--max-old-space-size=${carrierMegabytes}`, 'dist/apps/carrier/src/main.js', what, podOrderFile],
    workingDir: settings.platformFolder,
    ...(env.length > 0 && { env }),
    resources: platformAmounts,
    securityContext: restricted,
  };
}

function pullPolicy({ imagePullPolicy }: ClusterSettings): { imagePullPolicy?: string } {
  return imagePullPolicy === null ? {} : { imagePullPolicy };
}

/** A cluster gives a silent node five minutes; what users say of it themselves stays. */
function withLostNodes(tolerations: readonly V1Toleration[], seconds: number): V1Toleration[] {
  const lost = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter((key) => !tolerations.some((one) => one.key === key || (one.key === undefined && one.operator === 'Exists')));
  return [...tolerations, ...lost.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: seconds }))];
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && !(typeof value === 'object' && Object.keys(value).length === 0);
}
