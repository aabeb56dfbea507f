// From HTTP to projects.
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { reservedUsernames, type Page, type ProjectBody } from '#contracts';
import { Refusal } from '#decider';
import { Projects } from '../project/projects.ts';
import { Users } from '../users/users.ts';
import { ProjectsView, type ProjectView } from '../views/projects.view.ts';
import { Access, TheCaller, TheProject } from './access.ts';
import { AccessGuard, owns } from './access.guard.ts';
import { Answers } from './answers.ts';
import { nameOf, type Caller } from './authentication.ts';
import { NewProjectBody, ProjectChanges } from './dto.ts';
import { claimOf } from './idempotent-requests.ts';
import { pageOf, SliceQuery } from './paging.ts';
import { pageSchema, projectSchema } from './schemas.ts';
import { given } from './validation.ts';

@ApiTags('projects')
@Controller('api/v1')
export class ProjectsController {
  constructor(
    private readonly projects: Projects,
    private readonly view: ProjectsView,
    private readonly users: Users,
    private readonly guard: AccessGuard,
  ) {}

  @Post('projects')
  @Access('login')
  @Answers('the new project of the caller', projectSchema, { status: 201 })
  async create(@Body() body: NewProjectBody, @TheCaller() caller: Caller, @Req() request: FastifyRequest): Promise<ProjectBody> {
    const user = nameOf(caller);
    const project = { user, name: body.name, description: body.description ?? null, tags: body.tags ?? [], isPublic: body.is_public ?? true };
    try {
      return await this.projects.create(project, user);
    } catch (error) {
      const made = claimOf(request)?.again && error instanceof Refusal && error.code === 'project-exists' ? await this.view.find(user, body.name) : null;
      if (!made) throw error;
      return this.view.body(made); // by the try before this one, which could not answer
    }
  }

  @Get(':user')
  @Access('login')
  @Answers('projects of a user that the caller may read, newest first', pageSchema(projectSchema))
  async list(@Param('user') user: string, @Query() slice: SliceQuery, @TheCaller() caller: Caller, @Req() request: FastifyRequest): Promise<Page<ProjectBody>> {
    if (reservedUsernames.includes(user)) throw new Refusal('route-not-found', 'there is no such address');
    const { count, results } = await this.view.list(user, slice, { seesPrivate: owns(caller, user) });
    if (count === 0 && !(await this.users.find(user))) await this.guard.refuseUser(user);
    return pageOf(request, slice, { count, results: await this.view.bodies(results) });
  }

  @Get(':user/:project')
  @Access('read-project')
  @Answers('the project', projectSchema)
  get(@TheProject() project: ProjectView): Promise<ProjectBody> {
    return this.view.body(project);
  }

  @Patch(':user/:project')
  @Access('write-project')
  @Answers('the project as it is now', projectSchema)
  describe(@Body() body: ProjectChanges, @TheProject() { id }: ProjectView, @TheCaller() caller: Caller): Promise<ProjectBody> {
    const { is_public: isPublic, ...changes } = given(body);
    return this.projects.describe(id, { ...changes, ...(isPublic !== undefined && { isPublic }) }, nameOf(caller));
  }

  @Delete(':user/:project')
  @HttpCode(204)
  @Access('write-project')
  @Answers('it is deleted', null, { status: 204 })
  async delete(@TheProject() { id }: ProjectView, @TheCaller() caller: Caller): Promise<void> {
    await this.projects.delete(id, nameOf(caller));
  }
}
