// From HTTP to what happened: every event of an experiment, as a list and as it goes on, and the tree it belongs to.
import { Controller, Get, Headers, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HistoryEntry, LineageBody } from '#contracts';
import { ExperimentsView, type ExperimentView } from '../views/experiments.view.ts';
import { History } from '../views/history.ts';
import { Access, TheCaller, TheExperiment } from './access.ts';
import { Answers } from './answers.ts';
import { nameOf, type Caller } from './authentication.ts';
import { EventStreams } from './event-streams.ts';
import { historySchema, lineageSchema, textSchema } from './schemas.ts';

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
