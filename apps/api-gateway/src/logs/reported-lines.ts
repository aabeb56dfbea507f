// What did a program send of its console that the platform does not run itself?
import { Column, Entity, PrimaryColumn, type DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { viewsSchema as schema } from '../views/view.ts';

@Entity({ name: 'reported_lines', schema })
export class ReportedLinesRow {
  @PrimaryColumn({ name: 'experiment_id', type: 'integer' }) experimentId!: number;
  /** Bytes of all text up to and with this. */
  @PrimaryColumn({ name: 'end_offset', type: 'bigint' }) endOffset!: string;
  @Column({ type: 'bytea' }) content!: Buffer;
}

export class ReportedLines1700000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE api_gateway.reported_lines (experiment_id integer NOT NULL, end_offset bigint NOT NULL, content bytea NOT NULL, PRIMARY KEY (experiment_id, end_offset))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE api_gateway.reported_lines`);
  }
}

/** One text, in the order it came; read by byte offset as the console output of a run is. */
export class ReportedLines {
  constructor(private readonly source: DataSource) {}

  async add(experimentId: number, text: string): Promise<void> {
    if (text === '') return;
    const content = Buffer.from(text.endsWith('\n') ? text : `${text}\n`);
    await this.source.transaction(async (on) => {
      await on.query(`SELECT pg_advisory_xact_lock(hashtext('reported-lines'), $1)`, [experimentId]);
      await on.query(
        `INSERT INTO api_gateway.reported_lines (experiment_id, end_offset, content)
         SELECT $1, coalesce(max(end_offset), 0) + $2, $3 FROM api_gateway.reported_lines WHERE experiment_id = $1`,
        [experimentId, content.length, content],
      );
    });
  }

  async sizeBytes(experimentId: number): Promise<number> {
    const [row] = await this.source.query<{ size: string }[]>(`SELECT coalesce(max(end_offset), 0) AS size FROM api_gateway.reported_lines WHERE experiment_id = $1`, [experimentId]);
    return Number(row?.size ?? 0);
  }

  /** In portions, so that a long text is never in memory as a whole. */
  async *readAll(experimentId: number, start: number, end: number): AsyncGenerator<Buffer> {
    for (let offset = start; offset < end; ) {
      const content = await this.read(experimentId, offset);
      if (content.length === 0) return;
      yield content.subarray(0, end - offset);
      offset += content.length;
    }
  }

  /** What there is from `offset` on, as much as 16 reports; empty at the end. */
  async read(experimentId: number, offset: number): Promise<Buffer> {
    const rows = await this.source.query<{ end_offset: string; content: Buffer }[]>(
      `SELECT end_offset, content FROM api_gateway.reported_lines WHERE experiment_id = $1 AND end_offset > $2 ORDER BY end_offset LIMIT 16`,
      [experimentId, offset],
    );
    const parts = rows.map(({ end_offset: end, content }) => content.subarray(Math.max(0, offset - (Number(end) - content.length))));
    return Buffer.concat(parts);
  }
}
