// From HTTP to groups of experiments: made, read, changed, stopped, resumed.
import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { GroupBody, GroupResumePlan, GroupStatusBody, Page } from '#contracts';
import { CodeStore } from '../code/code-store.ts';
import { Groups } from '../group/groups.ts';
import { GroupsView, type GroupView } from '../views/groups.view.ts';
import type { ProjectView } from '../views/projects.view.ts';
import { Access, TheCaller, TheGroup, TheProject } from './access.ts';
import { Answers } from './answers.ts';
import { nameOf, type Caller } from './authentication.ts';
import { SearchQuery } from './dto.ts';
import { GroupChanges, GroupResumeBody, GroupStatusReport, NewGroupBody, StopGroupBody } from './group-dto.ts';
import { pageOf, SliceQuery } from './paging.ts';
import { Reservations } from './reservations.ts';
import { groupResumePlanSchema, groupSchema, groupStatusSchema, objectSchema, pageSchema } from './schemas.ts';
import { given } from './validation.ts';

@ApiTags('groups')
@Controller('api/v1/:user/:project/groups')
export class GroupsController {
  constructor(
    private readonly groups: Groups,
    private readonly view: GroupsView,
    private readonly code: CodeStore,
    private readonly reservations: Reservations,
  ) {}

  @Post()
  @Access('write-project')
  @Answers('the new group; its members are made at once', groupSchema, { status: 201 })
  async create(@Body() body: NewGroupBody, @TheProject() project: ProjectView, @TheCaller() caller: Caller, @Req() request: FastifyRequest): Promise<GroupBody> {
    const { content = '', name = null, description = null, tags = [], is_managed: isManaged = content !== '', code_revision: commit } = given(body);
    const code = commit === undefined ? (isManaged ? {} : { codeRevision: null }) : { codeRevision: (await this.code.find(project.user, project.name, commit)).revision };
    return this.groups.create(project, { content, name, description, tags, isManaged, ...code }, nameOf(caller), await this.reservations.of(request));
  }

  @Get()
  @Access('read-project')
  @Answers('groups of the project, newest first unless sorted', pageSchema(groupSchema))
  async list(@Query() query: SearchQuery, @TheProject() project: ProjectView, @Req() request: FastifyRequest): Promise<Page<GroupBody>> {
    return pageOf(request, query, await this.view.list(project.id, query));
  }

  @Get(':id')
  @Access('read-group')
  @Answers('the group', groupSchema)
  get(@TheGroup() { body }: GroupView): GroupBody {
    return body;
  }

  @Patch(':id')
  @Access('write-group')
  @Answers('the group as it is now', groupSchema)
  describe(@Body() body: GroupChanges, @TheGroup() { id }: GroupView, @TheCaller() caller: Caller): Promise<GroupBody> {
    return this.groups.describe(id, given(body), nameOf(caller));
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('write-group')
  @Answers('it is deleted, with its members', null, { status: 204 })
  async delete(@TheGroup() { id }: GroupView, @TheCaller() caller: Caller): Promise<void> {
    await this.groups.delete(id, nameOf(caller));
  }

  @Post(':id/stop')
  @HttpCode(200)
  @Access('write-group')
  @Answers('its members will be stopped; with `pending`, only those that have not started', objectSchema)
  async stop(@Body() body: StopGroupBody, @TheGroup() { id }: GroupView, @TheCaller() caller: Caller): Promise<object> {
    await this.groups.stop(id, given(body ?? {}).pending ?? false, nameOf(caller));
    return {};
  }

  @Post(':id/resume')
  @HttpCode(201)
  @Access('write-group')
  @Answers('what has succeeded stays, what was stopped or failed goes on in its outputs', groupSchema, { status: 201 })
  async resume(
    @Body() body: GroupResumeBody, @TheGroup() { id }: GroupView, @TheProject() project: ProjectView, @TheCaller() caller: Caller, @Req() http: FastifyRequest,
  ): Promise<GroupBody> {
    const { code_revision: named, ...request } = given(body ?? {});
    const code = named === undefined ? {} : { code_revision: (await this.code.find(project.user, project.name, named)).revision };
    return this.groups.resume(project, id, { ...request, ...code }, nameOf(caller), await this.reservations.of(http));
  }

  @Post(':id/resume/plan')
  @HttpCode(200)
  @Access('write-group')
  @Answers('what a resume would do; nothing happens', groupResumePlanSchema)
  planResume(@TheGroup() { id }: GroupView): Promise<GroupResumePlan> {
    return this.groups.planResume(id);
  }

  @Get(':id/statuses')
  @Access('read-group')
  @Answers('every status it had, in order', pageSchema(groupStatusSchema))
  async statuses(@Query() slice: SliceQuery, @TheGroup() { id }: GroupView, @Req() request: FastifyRequest): Promise<Page<GroupStatusBody>> {
    return pageOf(request, slice, await this.view.statuses(id, slice));
  }

  @Post(':id/statuses')
  @Access('write-group')
  @Answers('it was heard; of a group that is run here nothing changes', objectSchema, { status: 201 })
  async reportStatus(@Body() { status, message }: GroupStatusReport, @TheGroup() { id }: GroupView, @TheCaller() caller: Caller): Promise<object> {
    const told = status === 'succeeded' ? 'done' : status;
    await this.groups.reportStatus(id, told, message ?? null, nameOf(caller));
    return { experiment_group: id, status: told };
  }
}
