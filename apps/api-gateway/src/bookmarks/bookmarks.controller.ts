// From HTTP to bookmarks.
import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { BookmarkBody, ExperimentBody, GroupBody, Page, ProjectBody } from '#contracts';
import { Refusal } from '#decider';
import { Access, TheCaller, TheExperiment, TheGroup, TheProject } from '../http/access.ts';
import { owns } from '../http/access.guard.ts';
import { Answers } from '../http/answers.ts';
import { nameOf, type Caller } from '../http/authentication.ts';
import { pageOf, SliceQuery } from '../http/paging.ts';
import { bookmarkSchema, experimentSchema, groupSchema, objectSchema, pageSchema, projectSchema } from '../http/schemas.ts';
import { ExperimentsView, type ExperimentView } from '../views/experiments.view.ts';
import { GroupsView, type GroupView } from '../views/groups.view.ts';
import { ProjectsView, type ProjectView } from '../views/projects.view.ts';
import { Bookmarks, type BookmarkKind } from './bookmarks.ts';

@ApiTags('bookmarks')
@Controller('api/v1')
export class BookmarksController {
  constructor(
    private readonly bookmarks: Bookmarks,
    private readonly projects: ProjectsView,
    private readonly groups: GroupsView,
    private readonly experiments: ExperimentsView,
  ) {}

  @Get('bookmarks/:user/projects')
  @Access('login')
  @Answers('projects that this user has marked, the latest first', pageSchema(bookmarkSchema(projectSchema)))
  markedProjects(@Param('user') user: string, @Query() slice: SliceQuery, @TheCaller() caller: Caller, @Req() request: FastifyRequest): Promise<Page<BookmarkBody<ProjectBody>>> {
    return this.#page('project', { user, caller, slice, request }, async (id) => {
      const project = await this.projects.get(id);
      return project ? this.projects.body(project) : undefined;
    });
  }

  @Get('bookmarks/:user/groups')
  @Access('login')
  @Answers('groups that this user has marked, the latest first', pageSchema(bookmarkSchema(groupSchema)))
  markedGroups(@Param('user') user: string, @Query() slice: SliceQuery, @TheCaller() caller: Caller, @Req() request: FastifyRequest): Promise<Page<BookmarkBody<GroupBody>>> {
    return this.#page('group', { user, caller, slice, request }, async (id) => (await this.groups.find(id))?.body);
  }

  @Get('bookmarks/:user/experiments')
  @Access('login')
  @Answers('experiments that this user has marked, the latest first', pageSchema(bookmarkSchema(experimentSchema)))
  markedExperiments(@Param('user') user: string, @Query() slice: SliceQuery, @TheCaller() caller: Caller, @Req() request: FastifyRequest): Promise<Page<BookmarkBody<ExperimentBody>>> {
    return this.#page('experiment', { user, caller, slice, request }, async (id) => (await this.experiments.find(id))?.body);
  }

  @Post(':user/:project/bookmark')
  @Access('read-project')
  @Answers('it is among the bookmarks of the caller', objectSchema, { status: 201 })
  async markProject(@TheProject() { id }: ProjectView, @TheCaller() caller: Caller): Promise<object> {
    await this.bookmarks.add(nameOf(caller), 'project', id);
    return {};
  }

  @Delete(':user/:project/unbookmark')
  @HttpCode(204)
  @Access('read-project')
  @Answers('it is not among the bookmarks of the caller any more', null, { status: 204 })
  async unmarkProject(@TheProject() { id }: ProjectView, @TheCaller() caller: Caller): Promise<void> {
    await this.bookmarks.remove(nameOf(caller), 'project', id);
  }

  @Post(':user/:project/groups/:id/bookmark')
  @Access('read-group')
  @Answers('it is among the bookmarks of the caller', objectSchema, { status: 201 })
  async markGroup(@TheGroup() { id }: GroupView, @TheCaller() caller: Caller): Promise<object> {
    await this.bookmarks.add(nameOf(caller), 'group', id);
    return {};
  }

  @Delete(':user/:project/groups/:id/unbookmark')
  @HttpCode(204)
  @Access('read-group')
  @Answers('it is not among the bookmarks of the caller any more', null, { status: 204 })
  async unmarkGroup(@TheGroup() { id }: GroupView, @TheCaller() caller: Caller): Promise<void> {
    await this.bookmarks.remove(nameOf(caller), 'group', id);
  }

  @Post(':user/:project/experiments/:id/bookmark')
  @Access('read-experiment')
  @Answers('it is among the bookmarks of the caller', objectSchema, { status: 201 })
  async markExperiment(@TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller): Promise<object> {
    await this.bookmarks.add(nameOf(caller), 'experiment', id);
    return {};
  }

  @Delete(':user/:project/experiments/:id/unbookmark')
  @HttpCode(204)
  @Access('read-experiment')
  @Answers('it is not among the bookmarks of the caller any more', null, { status: 204 })
  async unmarkExperiment(@TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller): Promise<void> {
    await this.bookmarks.remove(nameOf(caller), 'experiment', id);
  }

  async #page<Body>(kind: BookmarkKind, asked: { user: string; caller: Caller; slice: SliceQuery; request: FastifyRequest }, bodyOf: (id: number) => Promise<Body | undefined>): Promise<Page<BookmarkBody<Body>>> {
    const { user, caller, slice, request } = asked;
    if (!owns(caller, user)) throw new Refusal('not-allowed', `the bookmarks of ${user} are for ${user}`, 'polyaxon bookmark experiments');
    const seesAll = caller.kind === 'user' && caller.user.isSuperuser;
    const { count, ids } = await this.bookmarks.list(user, kind, slice, { seesAll });
    const bodies = await Promise.all(ids.map(bodyOf));
    return pageOf(request, slice, { count, results: bodies.flatMap((body) => (body === undefined ? [] : [{ content_object: body }])) }); // one deleted meanwhile is left out
  }
}
