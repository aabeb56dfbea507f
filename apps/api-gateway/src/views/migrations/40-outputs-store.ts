// How do the views know in which store the outputs of an experiment are?
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** There was one before. */
export class OutputsStore1700000000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE api_gateway.experiments ADD COLUMN outputs_store text NOT NULL DEFAULT 'default'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE api_gateway.experiments DROP COLUMN outputs_store`);
  }
}
