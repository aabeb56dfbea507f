// In how many ways can the platform say no, and what is each over HTTP?

/** Closed: a client may switch over it. The number is the HTTP status. */
export const refusalStatuses = {
  'not-authenticated': 401,
  'not-allowed': 403,
  'user-not-found': 404,
  'project-not-found': 404,
  'experiment-not-found': 404,
  'group-not-found': 404,
  'code-not-found': 404,
  'path-not-found': 404,
  'checkpoint-not-found': 404,
  'logs-not-found': 404,
  'dead-letter-not-found': 404,
  'route-not-found': 404,
  'request-invalid': 400,
  'name-invalid': 400,
  'path-invalid': 400,
  'polyaxonfile-invalid': 400,
  'override-invalid': 400,
  'reference-invalid': 400,
  'upload-invalid': 400,
  'upload-too-large': 413,
  'group-too-large': 400,
  'user-exists': 409,
  'project-exists': 409,
  'experiment-name-taken': 409,
  'experiment-not-done': 409,
  'experiment-already-done': 409,
  'experiment-not-managed': 409,
  'experiment-never-ran': 409,
  'experiment-deleted': 409,
  'outputs-empty': 409,
  'outputs-in-use': 409,
  'outputs-not-linkable': 409,
  'outputs-deleted': 410,
  'retention-outdated': 409,
  'plan-outdated': 409,
  'experiment-pinned': 409,
  'checkpoints-damaged': 409,
  'group-name-taken': 409,
  'group-not-done': 409,
  'group-already-done': 409,
  'group-not-managed': 409,
  'group-succeeded': 409,
  'project-not-empty': 409,
  'user-not-empty': 409,
  'request-in-progress': 409,
  'version-conflict': 409,
  'idempotency-key-reused': 422,
  'too-many-requests': 429,
  'not-served': 404,
  'store-unusable': 409,
  'console-gap': 409,
  'console-closed': 410,
  'policy-forbids': 403,
} as const;

export type RefusalCode = keyof typeof refusalStatuses;

/** The body of every answer that isn't a success (RFC 9457); `detail` is one readable line for clients that print it raw. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: RefusalCode | 'internal-error' | 'unavailable';
  readonly detail: string;
  /** The command that would work. */
  readonly fix?: string;
  readonly requestId?: string;
}
