// From HTTP to what happened: every event of an experiment, as a list and as it goes on, and the tree it belongs to.
import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsInt, IsOptional, Min } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ExperimentStateBody, HistoryEntry, LineageBody } from '#contracts';
import { stateAt } from '../experiment/as-of.ts';
import { ExperimentsView, type ExperimentView } from '../views/experiments.view.ts';
import { History } from '../views/history.ts';
import { Access, TheCaller, TheExperiment } from './access.ts';
import { Answers } from './answers.ts';
import { nameOf, type Caller } from './authentication.ts';
import { EventStreams } from './event-streams.ts';
import { AsNumber } from './paging.ts';
import { historySchema, lineageSchema, stateSchema, textSchema } from './schemas.ts';

class StateQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'after so many of its events; all of them without it' }) @IsOptional() @AsNumber() @IsInt() @Min(1) at?: number;
  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'also what is different from how it was after so many' }) @IsOptional() @AsNumber() @IsInt() @Min(1) from?: number;
}

@ApiTags('story')
@Controller('api/v1/:user/:project/experiments/:id')
export class StoryController {
  constructor(
    private readonly history: History,
    private readonly view: ExperimentsView,
    private readonly streams: EventStreams,
  ) {}

  @Get('history')
  @Access('read-experiment')
  @Answers('every event that concerns it, of all services, in order', historySchema)
  entries(@TheExperiment() { id, originalId }: ExperimentView): Promise<HistoryEntry[]> {
    return this.history.of(id, originalId);
  }

  @Get('history/state')
  @Access('read-experiment')
  @Answers('how it was after one of its events: status, params, what it was given to go on from, what it waited for', stateSchema)
  async state(@TheExperiment() { id, originalId }: ExperimentView, @Query() { at, from }: StateQuery): Promise<ExperimentStateBody> {
    return stateAt(await this.history.of(id, originalId), { at: at ?? null, from: from ?? null });
  }

  @Get('lineage')
  @Access('read-experiment')
  @Answers('the whole tree of sources and clones it belongs to', lineageSchema)
  lineage(@TheExperiment() { id }: ExperimentView): Promise<LineageBody> {
    return this.view.lineage(id);
  }

  @Get('events')
  @Access('read-experiment')
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'goes on behind this one' })
  @Answers('its events as server-sent events, and those to come', textSchema, { type: 'text/event-stream' })
  async events(
    @Headers('last-event-id') lastEventId: string | undefined,
    @TheExperiment() { id, originalId }: ExperimentView,
    @TheCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const next = (after: string | null) => this.history.after(id, originalId, after);
    await this.streams.serve({ caller: nameOf(caller), lastEventId: lastEventId ?? null, next }, request, reply);
  }
}
