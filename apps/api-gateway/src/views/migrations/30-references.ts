// How do the views know whose outputs an experiment reads?
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Numbers of the owners of those outputs. */
export class OutputsReferences1700000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_gateway.experiments ADD COLUMN outputs_references integer[] NOT NULL DEFAULT '{}';
      CREATE INDEX experiments_by_reference ON api_gateway.experiments USING gin (outputs_references);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE api_gateway.experiments DROP COLUMN outputs_references`);
  }
}
