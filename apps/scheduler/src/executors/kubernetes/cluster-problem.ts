// What has gone wrong between us and a cluster, and does it pass by itself?

/**
 * unreachable: nobody answers, or not in time. forbidden: we may not do this there. quota: there is no room in the namespace now. exists: something of this name is there. conflict: it was changed meanwhile.
 * gone: what was asked from is too old, look at all of it. invalid, denied: it will never be taken as it is. busy: it asks us to wait.
 */
export type ProblemKind = 'unreachable' | 'unauthorized' | 'forbidden' | 'quota' | 'not-found' | 'exists' | 'conflict' | 'gone' | 'invalid' | 'denied' | 'busy' | 'other';

export class ClusterProblem extends Error {
  override readonly name = 'ClusterProblem';

  constructor(
    readonly kind: ProblemKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Asking for the same again never helps. */
  get isLasting(): boolean {
    return this.kind === 'invalid' || this.kind === 'denied';
  }
}

interface Status {
  readonly message?: string;
  readonly reason?: string;
}

const byStatus: Readonly<Record<number, ProblemKind>> = { 400: 'invalid', 401: 'unauthorized', 404: 'not-found', 410: 'gone', 413: 'invalid', 422: 'invalid', 429: 'busy' };

/** `asked` is said to the user: what was to be done. */
export function problemOf(code: number, body: string, asked: string): ClusterProblem {
  const { message = body.slice(0, 300), reason = '' } = statusIn(body);
  return new ClusterProblem(kindOf(code, reason, message), sentence(kindOf(code, reason, message), asked, message));
}

function kindOf(code: number, reason: string, message: string): ProblemKind {
  if (code === 409) return reason === 'AlreadyExists' ? 'exists' : 'conflict';
  if (reason === 'Expired' || reason === 'Gone') return 'gone';
  if (/admission webhook .* denied the request|ValidatingAdmissionPolicy/.test(message)) return 'denied';
  if (code === 403) {
    if (/exceeded quota|is being terminated/.test(message)) return 'quota';
    return /cannot (get|list|watch|create|update|patch|delete|deletecollection) resource/.test(message) ? 'forbidden' : 'denied';
  }
  return byStatus[code] ?? (code >= 500 ? 'busy' : 'other');
}

function sentence(kind: ProblemKind, asked: string, message: string): string {
  if (kind === 'unauthorized') return `the cluster doesn't know who we are (${asked}: ${message})`;
  return kind === 'forbidden' ? `the cluster forbids to ${asked}: ${message}` : `can't ${asked}: ${message}`;
}

function statusIn(body: string): Status {
  try {
    return JSON.parse(body) as Status;
  } catch {
    return {};
  }
}

/** Of a request that nobody has answered. */
export function unreachable(server: string, error: unknown): ClusterProblem {
  const { code = '', message, cause } = error as { code?: string; message: string; cause?: { code?: string; message?: string } };
  const why = cause?.code ?? (code || cause?.message || message);
  return new ClusterProblem('unreachable', `the cluster at ${server} can't be reached: ${why}`, { cause: error });
}
