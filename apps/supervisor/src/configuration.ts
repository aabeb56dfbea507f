// What may a user tell the platform when it starts?
import { homedir } from 'node:os';
import { join } from 'node:path';
import { integer, port, text, type ConfigurationOf } from '#service-host';

/** What is not given here is passed on to the services as it is; `docs/configuration.md` lists theirs too. */
export const variables = {
  POLYAXON_HOME: text('folder of everything the platform keeps', join(homedir(), '.polyaxon-platform')),
  POLYAXON_PORT: port(8000),
  POLYAXON_ADMIN_USER: text('name of the administrator', 'root'),
  POLYAXON_ADMIN_PASSWORD: text('password of the administrator; empty: generated at the first start and kept in the home', ''),
  POLYAXON_DATABASE_URL: text('a Postgres of your own; empty: one is started in the home', ''),
  POLYAXON_MAX_CONCURRENT_RUNS: integer('runs that are live at once; 0: one for each processor, at least 2', { min: 0, max: 10_000, fallback: 0 }),
  POLYAXON_GRACE_PERIOD_SECONDS: integer('time a stopped program has before it is killed', { min: 0, max: 86_400, fallback: 30 }),
} as const;

export type Configuration = ConfigurationOf<typeof variables>;
