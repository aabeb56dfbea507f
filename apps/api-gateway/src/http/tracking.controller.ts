// From HTTP to what a program says of its experiment while it runs.
import { Body, Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { CodeReferenceBody, MetricBody, Page, StatusBody } from '#contracts';
import { CodeReferences } from '../code/code-references.ts';
import { Experiments } from '../experiment/experiments.ts';
import { FirstSteps } from '../experiment/first-step.ts';
import { Heartbeats } from '../experiment/heartbeats.ts';
import { ExperimentsView, type ExperimentView } from '../views/experiments.view.ts';
import { Metrics } from '../views/metrics.ts';
import { Access, TheCaller, TheExperiment } from './access.ts';
import { Answers } from './answers.ts';
import { nameOf, type Caller } from './authentication.ts';
import { CheckpointReport, CodeReferenceReport, StatusReport } from './dto.ts';
import { metricRows } from './metric-rows.ts';
import { pageOf, SliceQuery } from './paging.ts';
import { codeReferenceSchema, metricSchema, objectSchema, pageSchema, statusSchema } from './schemas.ts';
import { given } from './validation.ts';

@ApiTags('tracking')
@Controller('api/v1/:user/:project/experiments/:id')
export class TrackingController {
  constructor(
    private readonly experiments: Experiments,
    private readonly view: ExperimentsView,
    private readonly metrics: Metrics,
    private readonly references: CodeReferences,
    private readonly heartbeats: Heartbeats,
    private readonly firstSteps: FirstSteps,
  ) {}

  @Get('statuses')
  @Access('read-experiment')
  @Answers('every status it had, oldest first', pageSchema(statusSchema))
  async statuses(@Query() slice: SliceQuery, @TheExperiment() { id }: ExperimentView, @Req() request: FastifyRequest): Promise<Page<StatusBody>> {
    return pageOf(request, slice, await this.view.statuses(id, slice));
  }

  @Post('statuses')
  @Access('write-experiment', { run: true })
  @Answers('it was heard', objectSchema, { status: 201 })
  async reportStatus(@Body() { status, message, traceback }: StatusReport, @TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller): Promise<object> {
    await this.experiments.reportStatus(id, { status, message: message ?? null, traceback: traceback ?? null }, nameOf(caller));
    return { experiment: id, status };
  }

  @Get('metrics')
  @Access('read-experiment')
  @Answers('every metric, in the order they came', pageSchema(metricSchema))
  async listMetrics(@Query() slice: SliceQuery, @TheExperiment() { id }: ExperimentView, @Req() request: FastifyRequest): Promise<Page<MetricBody>> {
    return pageOf(request, slice, await this.metrics.list(id, slice));
  }

  @Post('metrics')
  @Access('write-experiment', { run: true })
  @ApiBody({ schema: { oneOf: [{ type: 'object' }, { type: 'array', items: { type: 'object' } }] } })
  @Answers('they are kept', objectSchema, { status: 201 })
  async addMetrics(@Body() body: unknown, @TheExperiment() experiment: ExperimentView, @TheCaller() caller: Caller): Promise<object> {
    const { id } = experiment;
    const rows = metricRows(body, () => new Date());
    await this.metrics.add(id, rows, caller.kind === 'run' ? caller.attempt : 0);
    if (caller.kind === 'run') await this.firstSteps.hear(experiment, caller.attempt, rows, nameOf(caller));
    const [only] = rows;
    return Array.isArray(body) || !only ? { experiment: id, accepted: rows.length } : { experiment: id, created_at: only.createdAt, values: only.values };
  }

  @Post('checkpoint_loads')
  @Access('write-experiment', { run: true })
  @Answers('it was heard', objectSchema, { status: 201 })
  async reportCheckpoint(@Body() body: CheckpointReport, @TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller): Promise<object> {
    const { path, step } = given<{ path?: string | null; step?: number | null }>(body ?? {});
    const what = [path, step === undefined ? undefined : `step ${step}`].filter((part) => part !== undefined).join(', ');
    const how = `its program said that it loaded ${what || 'it'}`;
    await this.experiments.reportCheckpoint(id, { attempt: caller.kind === 'run' ? caller.attempt : 0, read: 'read', how }, nameOf(caller));
    return { experiment: id };
  }

  @Get('coderef')
  @Access('read-experiment')
  @Answers('the code it ran: `commit` can be downloaded', codeReferenceSchema)
  async codeReference(@TheExperiment() { id, body }: ExperimentView): Promise<CodeReferenceBody> {
    const said = await this.references.of(id);
    return body.code_revision === null ? said : { ...said, commit: body.code_revision };
  }

  @Post('coderef')
  @Access('write-experiment', { run: true })
  @Answers('what is known of it now', codeReferenceSchema, { status: 201 })
  async reportCodeReference(@Body() body: CodeReferenceReport, @TheExperiment() { id }: ExperimentView): Promise<CodeReferenceBody> {
    const reference = given(body ?? {}) as CodeReferenceBody;
    await this.references.keep(id, reference); // empty outside a git work tree
    return reference;
  }

  @Post('_heartbeat')
  @HttpCode(200)
  @Access('write-experiment', { run: true })
  @Answers('heard; whether a run lives is asked of its process', objectSchema)
  async heartbeat(@TheExperiment() { id }: ExperimentView): Promise<object> {
    await this.heartbeats.keep(id, new Date());
    return { experiment: id };
  }

  @Get('_heartbeat')
  @Access('read-experiment', { run: true })
  @Answers('when its program last said that it lives; null: never', objectSchema)
  async lastHeartbeat(@TheExperiment() { id }: ExperimentView): Promise<object> {
    return { experiment: id, last_at: (await this.heartbeats.of(id))?.toISOString() ?? null };
  }
}
