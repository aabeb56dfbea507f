// Which projects are there, and what do users read of them?
import type { Pool } from 'pg';
import type { DataSource, SelectQueryBuilder } from 'typeorm';
import type { ProjectBody } from '#contracts';
import type { Recorded } from '#event-store';
import { closest } from './closest.ts';
import { columnsOf } from './columns.ts';
import { ProjectRow } from './entities.ts';
import type { Target } from './view.ts';

export interface ProjectView {
  readonly id: number;
  readonly user: string;
  readonly name: string;
  readonly isPublic: boolean;
  readonly latestRevision: string | null;
  /** What it is without what is in it: nothing is counted for a request that only passes through. */
  readonly described: Omit<ProjectBody, keyof Contents>;
}

type Contents = Pick<ProjectBody, 'num_experiments' | 'num_independent_experiments' | 'num_experiment_groups' | 'num_jobs' | 'num_builds'>;

export async function projectProjects(event: Recorded, { on, schema }: Target): Promise<void> {
  const at = event.time;
  switch (event.type) {
    case 'ProjectCreated': {
      const data = event.data as Extract<Recorded['data'], { isPublic: boolean; name: string; user: string }>;
      await on.query(
        `INSERT INTO ${schema}.projects (id, uuid, user_name, name, description, tags, is_public, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (id) DO NOTHING`,
        [data.projectId, data.uuid, data.user, data.name, data.description, JSON.stringify(data.tags), data.isPublic, data.createdAt],
      );
      return;
    }
    case 'ProjectDescribed': {
      const data = event.data as { projectId: number; description?: string | null; tags?: string[]; isPublic?: boolean };
      await on.query(
        `UPDATE ${schema}.projects SET description = CASE WHEN $2 THEN $3 ELSE description END, tags = coalesce($4, tags), is_public = coalesce($5, is_public), updated_at = $6 WHERE id = $1`,
        [data.projectId, 'description' in data, data.description ?? null, data.tags ? JSON.stringify(data.tags) : null, data.isPublic ?? null, at],
      );
      return;
    }
    case 'CodeUploaded': {
      const data = event.data as { projectId: number; revision: string };
      await on.query(`UPDATE ${schema}.projects SET latest_revision = $2, updated_at = $3 WHERE id = $1`, [data.projectId, data.revision, at]);
      return;
    }
    case 'ProjectDeleted':
      await on.query(`UPDATE ${schema}.projects SET deleted = true, updated_at = $2 WHERE id = $1`, [(event.data as { projectId: number }).projectId, at]);
      return;
    default:
      return; // of other streams
  }
}

export class ProjectsView {
  #columns: string | undefined;

  constructor(
    private readonly source: DataSource,
    private readonly pool: Pool,
  ) {}

  async find(user: string, name: string): Promise<ProjectView | null> {
    return this.#one('by-name', 'p.user_name = $1 AND p.name = $2', [user, name]);
  }

  async get(id: number): Promise<ProjectView | null> {
    return this.#one('by-id', 'p.id = $1', [id]);
  }

  /** Those of them that there are, in any order. */
  async several(ids: readonly number[]): Promise<ProjectView[]> {
    return this.#all('several', 'p.id = ANY ($1::integer[])', [ids]);
  }

  /** Newest first; private ones only for those who may read them. */
  async list(user: string, { limit, offset }: { limit: number; offset: number }, { seesPrivate }: { seesPrivate: boolean }): Promise<{ count: number; results: ProjectView[] }> {
    const query = this.#query().andWhere('project.user = :user', { user });
    if (!seesPrivate) query.andWhere('project.isPublic');
    const count = await query.getCount();
    const rows = await query.orderBy('project.id', 'DESC').limit(limit).offset(offset).getMany();
    return { count, results: rows.map(viewOf) };
  }

  async body(project: ProjectView): Promise<ProjectBody> {
    const [body] = await this.bodies([project]);
    return body as ProjectBody;
  }

  /** With how much is in them, counted over an index alone. */
  async bodies(projects: readonly ProjectView[]): Promise<ProjectBody[]> {
    const { rows } = await this.pool.query<{ id: number; experiments: number; independent: number; groups: number }>({
      name: 'projects-contents',
      text: `SELECT p.id, e.*, g.* FROM unnest($1::integer[]) AS p (id),
        LATERAL (SELECT count(*)::int AS experiments, (count(*) FILTER (WHERE group_id IS NULL))::int AS independent FROM api_gateway.experiments WHERE project_id = p.id AND NOT deleted) e,
        LATERAL (SELECT count(*)::int AS groups FROM api_gateway.groups WHERE project_id = p.id AND NOT deleted) g`,
      values: [projects.map(({ id }) => id)],
    });
    const contents = new Map(rows.map((row) => [row.id, row]));
    return projects.map(({ id, described }) => {
      const { experiments = 0, independent = 0, groups = 0 } = contents.get(id) ?? {};
      return { ...described, num_experiments: experiments, num_independent_experiments: independent, num_experiment_groups: groups, num_jobs: 0, num_builds: 0 };
    });
  }

  /** What the user may have meant. */
  async nearestNames(user: string, name: string): Promise<string[]> {
    const rows = await this.source.getRepository(ProjectRow).find({ select: { name: true }, where: { user, deleted: false }, take: 1000 });
    return closest(name, rows.map((row) => row.name));
  }

  async experiments(id: number): Promise<number> {
    const [row] = await this.source.query<{ count: string }[]>(`SELECT count(*) FROM api_gateway.experiments WHERE project_id = $1 AND NOT deleted`, [id]);
    return Number(row?.count ?? 0);
  }

  #query(): SelectQueryBuilder<ProjectRow> {
    return this.source.getRepository(ProjectRow).createQueryBuilder('project').where('NOT project.deleted');
  }

  async #one(by: string, condition: string, values: unknown[]): Promise<ProjectView | null> {
    const [one] = await this.#all(by, condition, values);
    return one ?? null;
  }

  async #all(by: string, condition: string, values: unknown[]): Promise<ProjectView[]> {
    this.#columns ??= columnsOf(this.source, ProjectRow, 'p');
    const { rows } = await this.pool.query<ProjectRow>({ name: `project-${by}`, text: `SELECT ${this.#columns} FROM api_gateway.projects p WHERE NOT p.deleted AND ${condition}`, values });
    return rows.map(viewOf);
  }
}

function viewOf(row: ProjectRow): ProjectView {
  const { id, user, name, isPublic, latestRevision } = row;
  const described = {
    id, uuid: row.uuid, name, unique_name: `${user}.${name}`, user, owner: user, description: row.description, tags: row.tags, is_public: isPublic,
    has_code: latestRevision !== null, created_at: row.createdAt.toISOString(), updated_at: row.updatedAt.toISOString(), has_tensorboard: false, has_notebook: false,
  };
  return { id, user, name, isPublic, latestRevision, described };
}
