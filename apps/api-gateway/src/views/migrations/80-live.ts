// How are those that have not ended, and somebody's that ended lately, found among very many?
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Live1700000000080 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX experiments_live ON api_gateway.experiments (id) WHERE NOT deleted AND finished_at IS NULL;
      CREATE INDEX experiments_ended ON api_gateway.experiments (user_name, finished_at) WHERE NOT deleted AND finished_at IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX api_gateway.experiments_live, api_gateway.experiments_ended`);
  }
}
