// What is written on the Job of an attempt about how it is to end, so that every scheduler after this one knows it too?
import type { V1Job } from '@kubernetes/client-node';
import type { EndCause } from '../executor.ts';
import { labelNames } from './objects/names.ts';

/** ISO-8601: it was asked to end, or must never begin. No pod is made of it any more. */
const stopped = 'polyaxon.io/stopped';
/** It has waited as long as it may: an `EndCause`, and why. */
const gaveUpCause = 'polyaxon.io/gave-up';
const gaveUpReason = 'polyaxon.io/gave-up-reason';

export interface GivenUp {
  readonly cause: EndCause;
  readonly message: string;
}

export function stoppedAt({ metadata }: V1Job): Date | undefined {
  const at = metadata?.annotations?.[stopped];
  return at === undefined ? undefined : new Date(at);
}

export function givenUp({ metadata }: V1Job): GivenUp | undefined {
  const { [gaveUpCause]: cause, [gaveUpReason]: message = '' } = metadata?.annotations ?? {};
  return cause === undefined ? undefined : { cause: cause as EndCause, message };
}

/** A merge patch. Who queues Jobs may take `suspend` back, and finds nothing to start then. */
export function stopPatch(at: Date, reason?: GivenUp): object {
  const why = reason ? { [gaveUpCause]: reason.cause, [gaveUpReason]: reason.message.slice(0, 1000) } : {};
  return { metadata: { annotations: { [stopped]: at.toISOString(), ...why } }, spec: { suspend: true, parallelism: 0 } };
}

/** Takes the place of the Job of an attempt that must never begin: whoever is about to make one finds it. */
export function standIn(name: string, labels: Readonly<Record<string, string>>, image: string, at: Date): V1Job {
  return {
    metadata: { name, labels, annotations: { [stopped]: at.toISOString() } },
    spec: {
      suspend: true,
      parallelism: 0,
      backoffLimit: 0,
      template: {
        metadata: { labels: { [labelNames.managedBy]: labels[labelNames.managedBy] ?? '', [labelNames.platform]: labels[labelNames.platform] ?? '' } },
        spec: { restartPolicy: 'Never', automountServiceAccountToken: false, containers: [{ name: 'never', image, command: ['true'] }] },
      },
    },
  };
}
