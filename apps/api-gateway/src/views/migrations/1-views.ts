// How do the views come into being?
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Views1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SEQUENCE api_gateway.experiment_ids AS integer;
      CREATE SEQUENCE api_gateway.project_ids AS integer;
      CREATE TABLE api_gateway.projects (
        id integer PRIMARY KEY, uuid uuid NOT NULL, user_name text NOT NULL, name text NOT NULL, description text, tags jsonb NOT NULL, is_public boolean NOT NULL,
        latest_revision text, deleted boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL
      );
      CREATE UNIQUE INDEX projects_by_name ON api_gateway.projects (user_name, name) WHERE NOT deleted;
      CREATE TABLE api_gateway.experiments (
        id integer PRIMARY KEY, uuid uuid NOT NULL, project_id integer NOT NULL, user_name text NOT NULL, project_name text NOT NULL, group_id integer,
        original_id integer NOT NULL, source_id integer, cloning_strategy text, name text, description text, tags jsonb NOT NULL,
        content text NOT NULL, command text NOT NULL, params jsonb NOT NULL, environment jsonb NOT NULL, code_revision text,
        outputs_path text NOT NULL, logs_path text NOT NULL, is_managed boolean NOT NULL, ttl_seconds integer, requested_by text NOT NULL,
        last_status text NOT NULL, last_status_message text, status_rank bigint NOT NULL, attempt integer NOT NULL DEFAULT 0, exit_code integer,
        run_env jsonb, data_refs jsonb, framework text, backend text, deleted boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, started_at timestamptz, finished_at timestamptz
      );
      CREATE INDEX experiments_by_project ON api_gateway.experiments (project_id, id);
      CREATE INDEX experiments_by_original ON api_gateway.experiments (original_id);
      CREATE INDEX experiments_by_source ON api_gateway.experiments (source_id);
      CREATE UNIQUE INDEX experiments_by_name ON api_gateway.experiments (project_id, name) WHERE NOT deleted AND name IS NOT NULL;
      CREATE TABLE api_gateway.experiment_statuses (
        id bigint PRIMARY KEY, uuid uuid NOT NULL, experiment_id integer NOT NULL, status text NOT NULL, message text, traceback text, created_at timestamptz NOT NULL
      );
      CREATE INDEX experiment_statuses_by_experiment ON api_gateway.experiment_statuses (experiment_id, id);
      CREATE TABLE api_gateway.endings (
        experiment_id integer NOT NULL, attempt integer NOT NULL, run_end jsonb, logs_ended boolean NOT NULL DEFAULT false, PRIMARY KEY (experiment_id, attempt)
      );
      CREATE TABLE api_gateway.metrics (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, experiment_id integer NOT NULL, values jsonb NOT NULL, created_at timestamptz NOT NULL
      );
      CREATE INDEX metrics_by_experiment ON api_gateway.metrics (experiment_id, id);
      CREATE TABLE api_gateway.last_metrics (experiment_id integer PRIMARY KEY, values jsonb NOT NULL);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP SCHEMA api_gateway CASCADE`);
  }
}
