// Which commit did a program say it runs?
import { Column, Entity, PrimaryColumn, type DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import type { CodeReferenceBody } from '#contracts';
import { viewsSchema as schema } from '../views/view.ts';

/** Said by a program, so it is data: what the platform itself pinned is in the experiment. */
@Entity({ name: 'code_references', schema })
export class CodeReferenceRow {
  @PrimaryColumn({ name: 'experiment_id', type: 'integer' }) experimentId!: number;
  @Column({ type: 'jsonb' }) reference!: CodeReferenceBody;
}

export class CodeReferences1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE api_gateway.code_references (experiment_id integer PRIMARY KEY, reference jsonb NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE api_gateway.code_references`);
  }
}

export class CodeReferences {
  constructor(private readonly source: DataSource) {}

  async of(experimentId: number): Promise<CodeReferenceBody> {
    return (await this.source.getRepository(CodeReferenceRow).findOneBy({ experimentId }))?.reference ?? {};
  }

  async keep(experimentId: number, reference: CodeReferenceBody): Promise<void> {
    await this.source.getRepository(CodeReferenceRow).upsert({ experimentId, reference }, ['experimentId']);
  }
}
