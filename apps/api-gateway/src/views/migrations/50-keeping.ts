// How do the views know whose outputs are to stay, and whose are gone?
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Keeping1700000000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_gateway.experiments ADD COLUMN outputs_delete_requested_at timestamptz, ADD COLUMN outputs_deleted_at timestamptz, ADD COLUMN is_pinned boolean NOT NULL DEFAULT false;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE api_gateway.experiments DROP COLUMN outputs_delete_requested_at, DROP COLUMN outputs_deleted_at, DROP COLUMN is_pinned`);
  }
}
