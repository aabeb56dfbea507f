// How are those that have not ended found among very many that have?
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Live1700000000080 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX experiments_live ON api_gateway.experiments (id) WHERE NOT deleted AND finished_at IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX api_gateway.experiments_live`);
  }
}
