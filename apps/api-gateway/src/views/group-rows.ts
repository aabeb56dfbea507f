// Which rows do users read of groups?
import { Column, Entity, Index, PrimaryColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import type { SearchAlgorithm } from '#contracts';
import { viewsSchema as schema } from './view.ts';

const asNumber = { from: (value: string | null) => (value === null ? null : Number(value)), to: (value: number | null) => value };

@Entity({ name: 'groups', schema })
@Index('groups_by_project', ['projectId', 'id'])
@Index('groups_by_name', ['projectId', 'name'], { unique: true, where: 'NOT deleted AND name IS NOT NULL' })
export class GroupRow {
  @PrimaryColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'uuid' }) uuid!: string;
  @Column({ name: 'project_id', type: 'integer' }) projectId!: number;
  @Column({ name: 'user_name', type: 'text' }) user!: string;
  @Column({ name: 'project_name', type: 'text' }) project!: string;
  @Column({ name: 'requested_by', type: 'text' }) requestedBy!: string;
  @Column({ type: 'text', nullable: true }) name!: string | null;
  @Column({ type: 'text', nullable: true }) description!: string | null;
  @Column({ type: 'jsonb' }) tags!: string[];
  @Column({ type: 'text' }) content!: string;
  @Column({ type: 'jsonb' }) hptuning!: Record<string, unknown>;
  @Column({ name: 'search_algorithm', type: 'text', nullable: true }) searchAlgorithm!: SearchAlgorithm | null;
  @Column({ type: 'integer', nullable: true }) concurrency!: number | null;
  @Column({ name: 'code_revision', type: 'text', nullable: true }) codeRevision!: string | null;
  @Column({ name: 'is_managed', type: 'boolean' }) isManaged!: boolean;
  @Column({ name: 'source_id', type: 'integer', nullable: true }) sourceId!: number | null;
  @Column({ name: 'cloning_strategy', type: 'text', nullable: true }) cloningStrategy!: 'restart' | 'copy' | null;
  /** Iterations that have started. */
  @Column({ type: 'integer', default: 0 }) iteration!: number;
  @Column({ name: 'last_status', type: 'text' }) lastStatus!: string;
  @Column({ name: 'last_status_message', type: 'text', nullable: true }) lastStatusMessage!: string | null;
  @Column({ type: 'boolean', default: false }) deleted!: boolean;
  @Column({ name: 'created_at', type: 'timestamptz' }) createdAt!: Date;
  @Column({ name: 'updated_at', type: 'timestamptz' }) updatedAt!: Date;
  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true }) finishedAt!: Date | null;
}

@Entity({ name: 'group_statuses', schema })
@Index('group_statuses_by_group', ['groupId', 'id'])
export class GroupStatusRow {
  /** Place of the event in the store: the same in every rebuild. */
  @PrimaryColumn({ type: 'bigint', transformer: asNumber }) id!: number;
  @Column({ type: 'uuid' }) uuid!: string;
  @Column({ name: 'group_id', type: 'integer' }) groupId!: number;
  @Column({ type: 'text' }) status!: string;
  @Column({ type: 'text', nullable: true }) message!: string | null;
  @Column({ name: 'created_at', type: 'timestamptz' }) createdAt!: Date;
}

export class Groups1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SEQUENCE api_gateway.group_ids AS integer;
      CREATE TABLE api_gateway.groups (
        id integer PRIMARY KEY, uuid uuid NOT NULL, project_id integer NOT NULL, user_name text NOT NULL, project_name text NOT NULL, requested_by text NOT NULL,
        name text, description text, tags jsonb NOT NULL, content text NOT NULL, hptuning jsonb NOT NULL, search_algorithm text, concurrency integer, code_revision text,
        is_managed boolean NOT NULL, source_id integer, cloning_strategy text, iteration integer NOT NULL DEFAULT 0, last_status text NOT NULL, last_status_message text,
        deleted boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, finished_at timestamptz
      );
      CREATE INDEX groups_by_project ON api_gateway.groups (project_id, id);
      CREATE UNIQUE INDEX groups_by_name ON api_gateway.groups (project_id, name) WHERE NOT deleted AND name IS NOT NULL;
      CREATE TABLE api_gateway.group_statuses (
        id bigint PRIMARY KEY, uuid uuid NOT NULL, group_id integer NOT NULL, status text NOT NULL, message text, created_at timestamptz NOT NULL
      );
      CREATE INDEX group_statuses_by_group ON api_gateway.group_statuses (group_id, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE api_gateway.groups; DROP TABLE api_gateway.group_statuses; DROP SEQUENCE api_gateway.group_ids`);
  }
}
