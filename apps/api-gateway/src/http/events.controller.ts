// From HTTP to what happens anywhere on the platform, as it happens.
import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsOptional, Matches, Min } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { schemaVersions, type EventType } from '#contracts';
import { Refusal } from '#decider';
import { AllEvents } from '../views/all-events.ts';
import { closest } from '../views/closest.ts';
import { Access, TheCaller } from './access.ts';
import { Answers } from './answers.ts';
import { nameOf, readerOf, type Caller } from './authentication.ts';
import { EventStreams } from './event-streams.ts';
import { AsNumber } from './paging.ts';
import { textSchema } from './schemas.ts';

const types = Object.keys(schemaVersions) as EventType[];

class EventsQuery {
  /** Only these, separated by commas. */
  @ApiPropertyOptional({ type: String, example: 'OutputsCopied,ExperimentDone' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => [value].flat().flatMap((names) => String(names).split(',')))
  @IsArray()
  type?: string[];

  @ApiPropertyOptional({ type: 'integer', minimum: 1 }) @IsOptional() @AsNumber() @IsInt() @Min(1) experiment?: number;

  /** What Last-Event-ID says, for whoever can't send headers; that one wins. */
  @ApiPropertyOptional({ type: String, description: 'goes on behind this one, as Last-Event-ID does' }) @IsOptional() @Matches(/^\d{1,19}\.\d{1,18}$/) after?: string;

  /** Where a stream without either begins. */
  @ApiPropertyOptional({ enum: ['now', 'beginning'], default: 'now' }) @IsOptional() @IsIn(['now', 'beginning']) from?: 'now' | 'beginning';
}

@ApiTags('events')
@Controller('api/v1/events')
export class EventsController {
  constructor(
    private readonly events: AllEvents,
    private readonly streams: EventStreams,
  ) {}

  @Get()
  @Access('login')
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'goes on behind this one' })
  @Answers('events of all experiments and projects the caller may read, as server-sent events', textSchema, { type: 'text/event-stream' })
  async tail(
    @Headers('last-event-id') lastEventId: string | undefined,
    @Query() { type, experiment, after, from = 'now' }: EventsQuery,
    @TheCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const start = lastEventId ?? after ?? (from === 'now' ? await this.events.now() : null);
    const filter = { reader: readerOf(caller), ...(type && { types: type.map(known) }), ...(experiment !== undefined && { experimentId: experiment }) };
    await this.streams.serve({ caller: nameOf(caller), lastEventId: start, next: this.events.from(start, filter) }, request, reply);
  }
}

function known(name: string): EventType {
  const type = types.find((candidate) => candidate === name.trim());
  if (type) return type;
  const near = closest(name, types);
  throw new Refusal('request-invalid', `no event is called ${JSON.stringify(name)}${near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''}`, near[0] ? `polyaxon events tail --type ${near[0]}` : undefined);
}
