// From HTTP to experiments: made, read, changed, stopped.
import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { ExperimentBody, Page } from '#contracts';
import { Refusal } from '#decider';
import { CodeStore } from '../code/code-store.ts';
import type { Membership } from '../experiment/clone.ts';
import { Experiments } from '../experiment/experiments.ts';
import { ExperimentsView, type ExperimentView } from '../views/experiments.view.ts';
import { GroupsView } from '../views/groups.view.ts';
import type { ProjectView } from '../views/projects.view.ts';
import { Access, TheCaller, TheExperiment, TheProject } from './access.ts';
import { Answers } from './answers.ts';
import { nameOf, type Caller } from './authentication.ts';
import { ExperimentChanges, ExperimentsQuery, NewExperimentBody, StopBody } from './dto.ts';
import { Reservations } from './reservations.ts';
import { pageOf } from './paging.ts';
import { experimentSchema, objectSchema, pageSchema } from './schemas.ts';
import { given } from './validation.ts';

@ApiTags('experiments')
@Controller('api/v1')
export class ExperimentsController {
  constructor(
    private readonly experiments: Experiments,
    private readonly view: ExperimentsView,
    private readonly groups: GroupsView,
    private readonly code: CodeStore,
    private readonly reservations: Reservations,
  ) {}

  @Post(':user/:project/experiments')
  @Access('write-project')
  @Answers('the new experiment', experimentSchema, { status: 201 })
  async create(@Body() body: NewExperimentBody, @TheProject() project: ProjectView, @TheCaller() caller: Caller, @Req() request: FastifyRequest): Promise<ExperimentBody> {
    const { content = '', name = null, description = null, tags = [], ttl = null, is_managed: isManaged = true, code_revision: commit } = given(body);
    const group = await this.#group(project, body.experiment_group ?? null);
    const wanted = { content, name, description, tags, ttl, isManaged, group, ...(await this.#code(project, commit, isManaged)) };
    const made = await this.experiments.create(project, wanted, nameOf(caller), await this.reservations.of(request));
    const { framework, backend, run_env, params } = given(body);
    const said = given({ framework, backend, run_env, params });
    return Object.keys(said).length === 0 ? made : this.experiments.describe(made.id, said, nameOf(caller));
  }

  @Get(':user/:project/experiments')
  @Access('read-project')
  @Answers('experiments of the project, newest first unless sorted', pageSchema(experimentSchema))
  async list(@Query() query: ExperimentsQuery, @TheProject() project: ProjectView, @Req() request: FastifyRequest): Promise<Page<ExperimentBody>> {
    return pageOf(request, query, await this.view.list(project.id, query));
  }

  @Get('experiments/:id')
  @Access('read-experiment', { run: true })
  @Answers('an experiment of any project the caller may read', experimentSchema)
  getByNumber(@TheExperiment() { body }: ExperimentView): ExperimentBody {
    return body;
  }

  @Get(':user/:project/experiments/:id')
  @Access('read-experiment', { run: true })
  @Answers('the experiment', experimentSchema)
  get(@TheExperiment() { body }: ExperimentView): ExperimentBody {
    return body;
  }

  @Patch(':user/:project/experiments/:id')
  @Access('write-experiment', { run: true })
  @Answers('the experiment as it is now', experimentSchema)
  describe(@Body() body: ExperimentChanges, @TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller): Promise<ExperimentBody> {
    return this.experiments.describe(id, given(body), nameOf(caller));
  }

  @Delete(':user/:project/experiments/:id')
  @HttpCode(204)
  @Access('write-experiment')
  @Answers('it is deleted', null, { status: 204 })
  async delete(@TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller): Promise<void> {
    await this.experiments.delete(id, nameOf(caller));
  }

  @Post(':user/:project/experiments/:id/stop')
  @HttpCode(200)
  @Access('write-experiment')
  @Answers('it will be stopped', objectSchema)
  async stop(@Body() _body: StopBody, @TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller): Promise<object> {
    await this.experiments.stop(id, nameOf(caller));
    return {};
  }

  async #group(project: ProjectView, named: string | null): Promise<Membership | null> {
    if (named === null) return null;
    const id = Number(named.split('.').at(-1));
    const group = await this.groups.find(id);
    if (group?.projectId !== project.id) throw new Refusal('group-not-found', `there is no group ${project.user}/${project.name}/${id}`, 'polyaxon project groups');
    return { id, concurrency: group.body.concurrency };
  }

  /** The latest upload is what the platform runs unless told otherwise; what it only tracks runs code of its own. */
  async #code({ user, name }: ProjectView, commit: string | undefined, isManaged: boolean): Promise<{ codeRevision?: string | null }> {
    if (commit !== undefined) return { codeRevision: (await this.code.find(user, name, commit)).revision };
    return isManaged ? {} : { codeRevision: null };
  }
}
