// What may a user do about a failure that its message alone does not tell?
import type { PendingCause, RunFailed } from '#contracts';

const advice: Readonly<Partial<Record<RunFailed['data']['reason'], string>>> = {
  'out-of-memory': 'raise resources.memory.limits in the environment of its polyaxonfile and resume it, or let the program use less (a smaller batch, fewer workers)',
  build: 'mend the build section of its polyaxonfile or the Dockerfile, then restart it (polyaxon experiment -xp NUMBER restart -u sends changed code, -f FILE another build section)',
  image: 'look at the name of the image (build.image) and at the pull secret (environment.image_pull_secrets), then restart it',
  unschedulable: 'ask for less in the environment of its polyaxonfile (resources, node_selector, affinity), or give the cluster such a node, then restart it',
  infrastructure: 'its program did not fail: resume it, and it goes on from its last checkpoint; POLYAXON_MAX_PREEMPTIONS says how often it does so by itself',
};

const waiting: Readonly<Partial<Record<PendingCause, string>>> = {
  unschedulable: 'it starts by itself when there is room; ask for less in its environment (resources, node_selector), or stop it',
  image: 'it is tried again; look at the name of the image (build.image) and at the pull secret (environment.image_pull_secrets)',
  cluster: 'it goes on by itself when the cluster answers',
};

/** Said once, also when whoever told the message has said it already. */
export function withWhatToDo(reason: RunFailed['data']['reason'], message: string | null): string | null {
  return joined(message, advice[reason]);
}

export function withWhatToExpect(cause: PendingCause, reason: string | null): string | null {
  return joined(reason, waiting[cause]);
}

function joined(message: string | null, more: string | undefined): string | null {
  if (more === undefined || message?.includes(more)) return message;
  return message === null ? more : `${message}; ${more}`;
}
