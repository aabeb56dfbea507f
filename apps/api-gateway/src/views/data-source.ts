// How are the views reached, and brought to the shape this release expects?
import pg from 'pg';
import { DataSource, type EntitySchema, type MixedList } from 'typeorm';
import { connectionLimits } from '#event-store';
import { ExperimentRow, LastMetricRow, MetricRow, ProjectRow, StatusRow } from './entities.ts';
import { GroupRow, Groups1700000000020, GroupStatusRow } from './group-rows.ts';
import { Views1700000000001 } from './migrations/1-views.ts';
import { Search1700000000010 } from './migrations/10-search.ts';
import { OutputsReferences1700000000030 } from './migrations/30-references.ts';
import { OutputsStore1700000000040 } from './migrations/40-outputs-store.ts';
import { Keeping1700000000050 } from './migrations/50-keeping.ts';
import { Chains1700000000060 } from './migrations/60-chains.ts';
import { MetricAttempts1700000000070 } from './migrations/70-metric-attempts.ts';
import { Live1700000000080 } from './migrations/80-live.ts';
import { OverAttempt1700000000086 } from './migrations/86-over-attempt.ts';
import { viewsSchema } from './view.ts';

type Classes = MixedList<string | (new () => unknown) | EntitySchema>;

/** Connected and migrated; `more` are the entities and migrations of the gateway's other tables. */
export async function openViews(databaseUrl: string, more: { entities?: unknown[]; migrations?: unknown[] } = {}): Promise<DataSource> {
  const release = await takeLock(databaseUrl);
  try {
    return await migrated(databaseUrl, more);
  } finally {
    await release();
  }
}

/** Instances may start at the same moment, and each would make the same tables. */
async function takeLock(databaseUrl: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined); // the connections that migrate fail as well
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(hashtext('${viewsSchema}.schema'))`);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${viewsSchema}`);
  } catch (error) {
    await client.end();
    throw error;
  }
  return () => client.end().catch(() => undefined);
}

async function migrated(databaseUrl: string, more: { entities?: unknown[]; migrations?: unknown[] }): Promise<DataSource> {
  const options = {
    type: 'postgres',
    url: databaseUrl,
    schema: viewsSchema,
    entities: [ProjectRow, ExperimentRow, StatusRow, MetricRow, LastMetricRow, GroupRow, GroupStatusRow, ...(more.entities ?? [])] as Classes as string[],
    migrations: [
      Views1700000000001, Search1700000000010, Groups1700000000020, OutputsReferences1700000000030, OutputsStore1700000000040, Keeping1700000000050, Chains1700000000060, MetricAttempts1700000000070,
      Live1700000000080, OverAttempt1700000000086, ...(more.migrations ?? []),
    ] as Classes as string[],
    migrationsTransactionMode: 'all',
    poolSize: 10,
    applicationName: 'api-gateway views',
  } as const;
  const migrating = await new DataSource(options).initialize(); // an index on many rows may take its time
  await migrating.runMigrations().finally(() => migrating.destroy());
  return new DataSource({ ...options, extra: connectionLimits }).initialize();
}
