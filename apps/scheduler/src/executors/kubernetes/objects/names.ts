// What is an attempt called in a cluster, and by what is it known as ours?
import type { AttemptId } from '../../executor.ts';

export const labelNames = {
  managedBy: 'app.kubernetes.io/managed-by',
  platform: 'polyaxon.io/platform',
  experiment: 'polyaxon.io/experiment',
  attempt: 'polyaxon.io/attempt',
  original: 'polyaxon.io/original',
  epoch: 'polyaxon.io/epoch',
  /** Of what builds an image; it is of no one attempt. */
  build: 'polyaxon.io/build',
} as const;

export const managedBy = 'polyaxon';
/** Until how a pod ended is written down. */
export const keptFinalizer = 'polyaxon.io/kept';
export const queueLabel = 'kueue.x-k8s.io/queue-name';
/** Of the pods of a set, which are counted from 0 in each role. */
export const roleLabel = 'polyaxon.io/role';
/** Of a set: so many of its pods have to succeed. */
export const trainingAnnotation = 'polyaxon.io/training';
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index';
/** Of a pod: where in the API what it prints is sent, since whoever finds it has nothing else of its experiment. */
export const consoleAnnotation = 'polyaxon.io/console';
/** Of a build: the attempt whose code it is made of. */
export const codeOfAnnotation = 'polyaxon.io/code-of';
export const containerNames = { bring: 'bring', carrier: 'carrier', experiment: 'experiment' } as const;

/** Of its Job (or JobSet, or TrainJob), its Secret and, when it is one of several that train together, their Service. */
export function attemptName({ experimentId, attempt }: AttemptId): string {
  return `run-${experimentId}-${attempt}`;
}

export function epochOf({ experimentId, attempt }: AttemptId): string {
  return `${experimentId}-${attempt}`;
}

/** On a build: this attempt waits for it. */
export function waiterAnnotation(id: AttemptId): string {
  return `waits.polyaxon.io/${epochOf(id)}`;
}

export function attemptLabels(platformId: string, id: AttemptId, originalExperimentId: number): Record<string, string> {
  return {
    [labelNames.managedBy]: managedBy,
    [labelNames.platform]: platformId,
    [labelNames.experiment]: String(id.experimentId),
    [labelNames.attempt]: String(id.attempt),
    [labelNames.original]: String(originalExperimentId),
    [labelNames.epoch]: epochOf(id),
  };
}

/** Which attempt an object is of; null: it is none of this installation's. */
export function attemptOf(platformId: string, labels: Readonly<Record<string, string>> | undefined): AttemptId | null {
  if (labels?.[labelNames.managedBy] !== managedBy || labels[labelNames.platform] !== platformId) return null;
  const [, experimentId, attempt] = /^([1-9]\d{0,14})-([1-9]\d{0,14})$/.exec(labels[labelNames.epoch] ?? '') ?? [];
  return experimentId && attempt ? { experimentId: Number(experimentId), attempt: Number(attempt) } : null;
}

/** All builds of this installation. */
export function buildsOf(platformId: string): string {
  return `${selectorOf(platformId)},${labelNames.build}`;
}

/** All that this installation has in the cluster, or all of one attempt. */
export function selectorOf(platformId: string, id?: AttemptId): string {
  return [`${labelNames.managedBy}=${managedBy}`, `${labelNames.platform}=${platformId}`, ...(id ? [`${labelNames.epoch}=${epochOf(id)}`] : [])].join(',');
}
