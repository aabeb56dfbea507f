// From HTTP to the attempts of an experiment, which the original calls jobs.
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JobBody, JobStatusBody, Page } from '#contracts';
import { Refusal } from '#decider';
import { EventStore } from '#event-store';
import { Access, TheExperiment } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { pageOf, SliceQuery } from '../http/paging.ts';
import { passOn } from '../http/peer.ts';
import { jobSchema, jobStatusSchema, pageSchema, textSchema } from '../http/schemas.ts';
import { ConsoleReader } from '../logs/console-reader.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import { attemptsOf, type AttemptView } from './attempts.ts';

@ApiTags('jobs')
@Controller('api/v1/:user/:project/experiments/:id/jobs')
export class AttemptsController {
  constructor(
    private readonly store: EventStore,
    private readonly consoles: ConsoleReader,
  ) {}

  @Get()
  @Access('read-experiment')
  @Answers('its attempts: one process each, oldest first', pageSchema(jobSchema))
  async list(@Query() slice: SliceQuery, @TheExperiment() experiment: ExperimentView, @Req() request: FastifyRequest): Promise<Page<JobBody>> {
    const jobs = (await this.#of(experiment)).map(({ job }) => job);
    return pageOf(request, slice, part(jobs, slice));
  }

  @Get(':job')
  @Access('read-experiment')
  @Answers('one attempt', jobSchema)
  async get(@Param('job') job: string, @TheExperiment() experiment: ExperimentView): Promise<JobBody> {
    return (await this.#one(experiment, job)).job;
  }

  @Get(':job/statuses')
  @Access('read-experiment')
  @Answers('every status of the attempt, oldest first', pageSchema(jobStatusSchema))
  async statuses(@Param('job') job: string, @Query() slice: SliceQuery, @TheExperiment() experiment: ExperimentView, @Req() request: FastifyRequest): Promise<Page<JobStatusBody>> {
    return pageOf(request, slice, part((await this.#one(experiment, job)).statuses, slice));
  }

  @Get(':job/logs')
  @Access('read-experiment')
  @Answers('what the attempt printed until now', textSchema, { type: 'text/plain' })
  async logs(@Param('job') job: string, @TheExperiment() experiment: ExperimentView, @Res() reply: FastifyReply): Promise<void> {
    const { job: { id: attempt } } = await this.#one(experiment, job);
    passOn(await this.consoles.read(experiment.id, { attempt: String(attempt) }), reply, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  }

  async #of({ id, body }: ExperimentView): Promise<AttemptView[]> {
    return attemptsOf(body, await this.store.load(`run-${id}`));
  }

  async #one(experiment: ExperimentView, job: string): Promise<AttemptView> {
    const attempts = await this.#of(experiment);
    const found = attempts.find((attempt) => String(attempt.job.id) === job);
    if (!found) throw new Refusal('path-not-found', `experiment ${experiment.id} has no job ${job}: its jobs are its attempts, of which there are ${attempts.length}`, `polyaxon experiment -xp ${experiment.id} jobs`);
    return found;
  }
}

function part<Item>(all: readonly Item[], { limit, offset }: SliceQuery): { count: number; results: readonly Item[] } {
  return { count: all.length, results: all.slice(offset, offset + limit) };
}
