// How do the views know which attempt of a run logged a metric?
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** 0: it was not said. */
export class MetricAttempts1700000000070 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE api_gateway.metrics ADD COLUMN attempt integer NOT NULL DEFAULT 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE api_gateway.metrics DROP COLUMN attempt`);
  }
}
