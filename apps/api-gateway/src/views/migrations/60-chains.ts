// How does a list find the newest run of each chain without reading all of them?
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Chains1700000000060 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX experiments_resumes ON api_gateway.experiments (original_id, id) WHERE cloning_strategy = 'resume' AND NOT deleted`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX api_gateway.experiments_resumes`);
  }
}
