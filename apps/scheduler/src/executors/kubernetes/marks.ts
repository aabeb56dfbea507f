// What is written on the Job of an attempt about how it is to end, so that every scheduler after this one knows it too?
import type { V1Job } from '@kubernetes/client-node';
import type { EndCause } from '../executor.ts';
import { platformAmounts } from './objects/amounts.ts';
import type { ClusterSettings } from './objects/cluster-settings.ts';

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

/** Takes the place of the Job of an attempt that must never begin: whoever is about to make one finds it. As strict as any, since policies look at it, too. */
export function standIn(name: string, labels: Readonly<Record<string, string>>, { platformImage, serviceAccount }: Pick<ClusterSettings, 'platformImage' | 'serviceAccount'>, at: Date): V1Job {
  return {
    metadata: { name, labels, annotations: { [stopped]: at.toISOString() } },
    spec: {
      suspend: true,
      parallelism: 0,
      backoffLimit: 0,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          ...(serviceAccount !== null && { serviceAccountName: serviceAccount }),
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{ name: never, image: platformImage, command: ['true'], resources: platformAmounts, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
        },
      },
    },
  };
}

const never = 'never';

export function isStandIn({ spec }: V1Job): boolean {
  return spec?.template.spec?.containers[0]?.name === never;
}
