// What has somebody marked, to find it again?
import { Column, Entity, PrimaryColumn, type DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { viewsSchema as schema } from '../views/view.ts';
import type { Slice } from '../views/experiments.view.ts';

export type BookmarkKind = 'project' | 'group' | 'experiment';

/** A note of a user's own, not something that happened to what is marked: so it is a row, and no event. */
@Entity({ name: 'bookmarks', schema })
export class BookmarkRow {
  @PrimaryColumn({ type: 'text' }) username!: string;
  @PrimaryColumn({ type: 'text' }) kind!: BookmarkKind;
  @PrimaryColumn({ name: 'entity_id', type: 'integer' }) entityId!: number;
  @Column({ name: 'created_at', type: 'timestamptz' }) createdAt!: Date;
}

export class Bookmarks1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_gateway.bookmarks (
        username text NOT NULL REFERENCES api_gateway.users (username) ON DELETE CASCADE, kind text NOT NULL, entity_id integer NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (username, kind, entity_id)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE api_gateway.bookmarks`);
  }
}

/** Of what is still there and may still be read: the project of what is marked is `p`. */
const readable: Readonly<Record<BookmarkKind, string>> = {
  project: 'JOIN api_gateway.projects p ON p.id = b.entity_id AND NOT p.deleted',
  group: 'JOIN api_gateway.groups g ON g.id = b.entity_id AND NOT g.deleted JOIN api_gateway.projects p ON p.id = g.project_id AND NOT p.deleted',
  experiment: 'JOIN api_gateway.experiments e ON e.id = b.entity_id AND NOT e.deleted JOIN api_gateway.projects p ON p.id = e.project_id AND NOT p.deleted',
};

export class Bookmarks {
  constructor(private readonly source: DataSource) {}

  async add(username: string, kind: BookmarkKind, entityId: number): Promise<void> {
    await this.source.query(`INSERT INTO api_gateway.bookmarks (username, kind, entity_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, [username, kind, entityId]);
  }

  async remove(username: string, kind: BookmarkKind, entityId: number): Promise<void> {
    await this.source.getRepository(BookmarkRow).delete({ username, kind, entityId });
  }

  /** Ids, those marked last first. */
  async list(username: string, kind: BookmarkKind, { limit, offset }: Slice, { seesAll }: { seesAll: boolean }): Promise<{ count: number; ids: number[] }> {
    const from = `FROM api_gateway.bookmarks b ${readable[kind]} WHERE b.username = $1 AND b.kind = $2 AND ($3 OR p.is_public OR p.user_name = $1)`;
    const found = [username, kind, seesAll];
    const [counted] = await this.source.query<{ count: string }[]>(`SELECT count(*) ${from}`, found);
    const rows = await this.source.query<{ id: number }[]>(`SELECT b.entity_id AS id ${from} ORDER BY b.created_at DESC, b.entity_id DESC LIMIT $4 OFFSET $5`, [...found, limit, offset]);
    return { count: Number(counted?.count ?? 0), ids: rows.map(({ id }) => id) };
  }
}
