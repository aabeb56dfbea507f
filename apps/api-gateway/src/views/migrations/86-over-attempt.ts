// Which attempt of an experiment has ended, while the next one has not begun?
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OverAttempt1700000000086 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE api_gateway.experiments ADD COLUMN over_attempt integer NOT NULL DEFAULT 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE api_gateway.experiments DROP COLUMN over_attempt`);
  }
}
