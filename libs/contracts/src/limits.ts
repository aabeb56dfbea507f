// How big may what comes from outside be?

export const limits = {
  polyaxonfileBytes: 256 * 1024,
  uploadBytes: 150 * 1024 * 1024,
  /** Unpacked, so that a bomb is refused. */
  unpackedCodeBytes: 2 * 1024 * 1024 * 1024,
  codeFiles: 100_000,
  jsonBodyBytes: 1024 * 1024,
  /** Of console output, sent at once. */
  consolePieceBytes: 1024 * 1024,
  pageSize: 20,
  pageSizeMax: 500,
  nameLength: 64,
  /** How long a link to a file may be good: what is handed on can't be called back. */
  linkSeconds: 24 * 3600,
} as const;

/** What a user, project or experiment may be called: what the original clients can read back. */
export const namePattern = /^[-a-zA-Z0-9_]{1,64}$/;

/** First path segments of the API, so nobody can be called like that. */
export const reservedUsernames: readonly string[] = [
  'users', 'versions', 'log_handler', 'projects', 'bookmarks', 'cluster', 'nodes', 'superusers', 'experiments', 'events', 'openapi', 'admin',
  'searches', 'archives', 'activitylogs', 'historylogs', 'app', 'compare', 'copies', 'fleet', 'now', 'token',
];
