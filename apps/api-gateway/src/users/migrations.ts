// How do users and their tokens come into being?
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Users1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_gateway.users (
        username text PRIMARY KEY, email text, password_hash text NOT NULL, is_superuser boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      CREATE TABLE api_gateway.tokens (
        digest text PRIMARY KEY, username text NOT NULL REFERENCES api_gateway.users (username) ON DELETE CASCADE,
        origin text NOT NULL, created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      CREATE INDEX tokens_by_user ON api_gateway.tokens (username, created_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE api_gateway.tokens, api_gateway.users`);
  }
}
