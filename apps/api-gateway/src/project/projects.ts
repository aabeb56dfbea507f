// What can a user do with projects?
import { randomUUID } from 'node:crypto';
import { namePattern, type ProjectBody } from '#contracts';
import { Refusal } from '#decider';
import type { EventStore } from '#event-store';
import { project as projectViews } from '../views/project-events.ts';
import type { ProjectsView } from '../views/projects.view.ts';
import { projectDecider, type ProjectCommand } from './project.ts';

export interface NewProject {
  readonly user: string;
  readonly name: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly isPublic: boolean;
}

export class Projects {
  constructor(
    private readonly store: EventStore,
    private readonly views: ProjectsView,
    private readonly now: () => Date,
  ) {}

  async create({ user, name, description, tags, isPublic }: NewProject, actor: string): Promise<ProjectBody> {
    if (!namePattern.test(name)) throw new Refusal('name-invalid', `a project name is 1 to 64 of letters, digits, - and _, not ${JSON.stringify(name)}`, 'polyaxon project create --name my-project');
    if (await this.views.find(user, name)) throw taken(user, name);
    const { rows } = await this.store.pool.query<{ id: number }>(`SELECT nextval('api_gateway.project_ids')::int AS id`);
    const [{ id: projectId }] = rows as [{ id: number }];
    const data = { projectId, uuid: randomUUID(), user, name, description, tags, isPublic, createdAt: this.now().toISOString() };
    await this.#handle(projectId, { type: 'CreateProject', data }, actor).catch((error: Error & { code?: string }) => {
      throw error.code === '23505' ? taken(user, name) : error; // another was faster
    });
    return this.#body(projectId);
  }

  async describe(projectId: number, changes: { description?: string | null; tags?: readonly string[]; isPublic?: boolean }, actor: string): Promise<ProjectBody> {
    await this.#handle(projectId, { type: 'DescribeProject', data: { projectId, ...changes, describedAt: this.now().toISOString() } }, actor);
    return this.#body(projectId);
  }

  /** Before the upload is answered: the next request may already name it. `unchanged`: it is what was there before. */
  async recordUpload(projectId: number, { revision, files, sizeBytes }: { revision: string; files: number; sizeBytes: number }, actor: string): Promise<{ unchanged: boolean }> {
    const data = { projectId, revision, files, sizeBytes, uploadedBy: actor, uploadedAt: this.now().toISOString() };
    const { events } = await this.#handle(projectId, { type: 'RecordUpload', data }, actor);
    return { unchanged: events.length === 0 };
  }

  async delete(projectId: number, actor: string): Promise<void> {
    const experiments = await this.views.experiments(projectId);
    await this.#handle(projectId, { type: 'DeleteProject', data: { projectId, experiments, deletedBy: actor, deletedAt: this.now().toISOString() } }, actor);
  }

  #handle(projectId: number, command: ProjectCommand, actor: string) {
    return this.store.handle(`project-${projectId}`, projectDecider, command, { actor }, projectViews);
  }

  async #body(projectId: number): Promise<ProjectBody> {
    const view = await this.views.get(projectId);
    if (!view) throw new Refusal('project-not-found', `project ${projectId} was not found`, 'polyaxon project list');
    return this.views.body(view);
  }
}

function taken(user: string, name: string): Refusal {
  return new Refusal('project-exists', `${user} has a project ${name} already`, `polyaxon init ${user}/${name}`);
}
