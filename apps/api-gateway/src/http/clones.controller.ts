// From HTTP to resume, restart and copy: what would happen, and do it.
import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { ClonedBody, ClonePlan, CloneRequest, ExperimentBody, GroupBody } from '#contracts';
import { CodeStore } from '../code/code-store.ts';
import { Experiments } from '../experiment/experiments.ts';
import { CloneIntoGroup } from '../group/clone-into-group.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import type { ProjectView } from '../views/projects.view.ts';
import { Access, TheCaller, TheExperiment, TheProject } from './access.ts';
import { Answers } from './answers.ts';
import { nameOf, type Caller } from './authentication.ts';
import { CloneBody } from './dto.ts';
import { Reservations } from './reservations.ts';
import { clonedSchema, experimentSchema, groupSchema, planSchema } from './schemas.ts';
import { given } from './validation.ts';

@ApiTags('save, resume, restart')
@Controller('api/v1/:user/:project/experiments/:id')
export class ClonesController {
  constructor(
    private readonly experiments: Experiments,
    private readonly intoGroup: CloneIntoGroup,
    private readonly reservations: Reservations,
    private readonly code: CodeStore,
  ) {}

  @Post('resume')
  @Access('write-experiment')
  @Answers('the new experiment, which goes on with the same outputs, and from which checkpoint', clonedSchema, { status: 201 })
  async resume(@Body() body: CloneBody, @TheExperiment() source: ExperimentView, @TheCaller() caller: Caller, @Req() request: FastifyRequest): Promise<ClonedBody> {
    const asked = await this.#request(body, source);
    if (await this.intoGroup.isMeant(source, asked)) this.intoGroup.refuseResume(source);
    return this.experiments.resume(source.id, asked, nameOf(caller), await this.reservations.of(request));
  }

  @Post('restart')
  @Access('write-experiment')
  @Answers('the new experiment, with outputs of its own; a group of them when the override has a matrix', { oneOf: [experimentSchema, groupSchema] }, { status: 201 })
  async restart(
    @Body() body: CloneBody, @TheExperiment() source: ExperimentView, @TheProject() project: ProjectView, @TheCaller() caller: Caller, @Req() http: FastifyRequest,
  ): Promise<ExperimentBody | GroupBody> {
    const request = await this.#request(body, source);
    const reserved = await this.reservations.of(http);
    if (await this.intoGroup.isMeant(source, request)) return this.intoGroup.make('restart', source, project, request, nameOf(caller), reserved);
    return this.experiments.restart(source.id, request, nameOf(caller), reserved);
  }

  @Post('copy')
  @Access('write-experiment')
  @Answers('the new experiment, which starts once it has a copy of the outputs; a group of them when the override has a matrix', { oneOf: [clonedSchema, groupSchema] }, { status: 201 })
  async copy(
    @Body() body: CloneBody, @TheExperiment() source: ExperimentView, @TheProject() project: ProjectView, @TheCaller() caller: Caller, @Req() http: FastifyRequest,
  ): Promise<ExperimentBody | GroupBody> {
    const request = await this.#request(body, source);
    const reserved = await this.reservations.of(http);
    if (await this.intoGroup.isMeant(source, request)) return this.intoGroup.make('copy', source, project, request, nameOf(caller), reserved);
    return this.experiments.copy(source.id, request, nameOf(caller), reserved);
  }

  @Post('resume/plan')
  @HttpCode(200)
  @Access('write-experiment')
  @Answers('what a resume would do; nothing happens', planSchema)
  async planResume(@Body() body: CloneBody, @TheExperiment() source: ExperimentView, @TheCaller() caller: Caller): Promise<ClonePlan> {
    return this.experiments.plan('resume', source.id, await this.#request(body, source), nameOf(caller));
  }

  @Post('restart/plan')
  @HttpCode(200)
  @Access('write-experiment')
  @Answers('what a restart would do; nothing happens', planSchema)
  async planRestart(@Body() body: CloneBody, @TheExperiment() source: ExperimentView, @TheCaller() caller: Caller): Promise<ClonePlan> {
    const request = await this.#request(body, source);
    if (await this.intoGroup.isMeant(source, request)) this.intoGroup.refusePlan(source);
    return this.experiments.plan('restart', source.id, request, nameOf(caller));
  }

  @Post('copy/plan')
  @HttpCode(200)
  @Access('write-experiment')
  @Answers('what a copy would do; nothing happens', planSchema)
  async planCopy(@Body() body: CloneBody, @TheExperiment() source: ExperimentView, @TheCaller() caller: Caller): Promise<ClonePlan> {
    const request = await this.#request(body, source);
    if (await this.intoGroup.isMeant(source, request)) this.intoGroup.refusePlan(source);
    return this.experiments.plan('copy', source.id, request, nameOf(caller));
  }

  /** An upload may be named by the beginning of its digest; one that isn't there is refused before anything happens. */
  async #request(body: CloneBody, { body: { project } }: ExperimentView): Promise<CloneRequest> {
    const { code_revision: named, ...request } = given(body);
    if (named === undefined) return request;
    const [user = '', name = ''] = project.split('.');
    return { ...request, code_revision: (await this.code.find(user, name, named)).revision };
  }
}
