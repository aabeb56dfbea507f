// From HTTP to what keeps the platform itself in order.
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import { owners, type Category, type DeadLetterBody, type DroppedLetterBody, type FleetBody, type Page, type StorageHeldBody } from '#contracts';
import { Refusal } from '#decider';
import { EventStore } from '#event-store';
import { dropDeadLetter, listDeadLetters, listDroppedLetters, refillTopics, replayDeadLetters, type LetterId } from '#messaging';
import { Fleet } from '../fleet/fleet.ts';
import { services } from '../fleet/flow.ts';
import { StorageHeld } from '../fleet/storage-held.ts';
import { rebuildViews } from '../views/rebuild.ts';
import { Access, TheCaller } from './access.ts';
import { Answers } from './answers.ts';
import { nameOf, type Caller } from './authentication.ts';
import { deadLetterSchema, droppedLetterSchema, fleetSchema, objectSchema, pageSchema, storageHeldSchema } from './schemas.ts';

const droppedShown = 100;
const because = { message: 'reason: why nobody shall react to it, in a few words' };

class LettersBody {
  /** With message_id: only this one. */
  @ApiPropertyOptional({ enum: services, nullable: true }) @IsOptional() @IsIn(services) consumer_group?: string | null;
  @ApiPropertyOptional({ format: 'uuid', nullable: true }) @IsOptional() @IsUUID() message_id?: string | null;
}

class DropBody {
  @ApiProperty({ enum: services }) @IsIn(services) consumer_group!: string;
  @ApiProperty({ format: 'uuid' }) @IsUUID() message_id!: string;
  @ApiProperty({ description: 'why nobody shall react to it; kept with who has said so' }) @IsString(because) @Matches(/\S/, because) @MaxLength(1000) reason!: string;
}

@ApiTags('admin')
@Controller('api/v1/admin')
export class AdminController {
  constructor(
    private readonly store: EventStore,
    private readonly fleet: Fleet,
    private readonly storage: StorageHeld,
  ) {}

  @Get('fleet')
  @Access('admin')
  @Answers('what waits and for what, how far behind is who, what was lost and refused lately, and which services answer', fleetSchema)
  look(): Promise<FleetBody> {
    return this.fleet.look();
  }

  @Get('storage')
  @Access('admin')
  @Answers('whose outputs take how much room, who holds most first; measured while somebody looks, and told as far as it is known by now', storageHeldSchema)
  held(): Promise<StorageHeldBody> {
    return this.storage.look();
  }

  @Post('rebuild_views')
  @HttpCode(200)
  @Access('admin')
  @Answers('the views were made again from the events', objectSchema)
  async rebuild(): Promise<object> {
    const { events, tookMs } = await rebuildViews(this.store, () => performance.now());
    return { events, took_ms: Math.round(tookMs) };
  }

  @Get('dead_letters')
  @Access('admin')
  @Answers('events that could not be reacted to, with the reason', pageSchema(deadLetterSchema))
  async deadLetters(): Promise<Page<DeadLetterBody>> {
    const letters = await listDeadLetters(this.store.pool);
    const results = letters.map(({ consumerGroup, messageId, diedAt, isReplayed, ...letter }) => ({ consumer_group: consumerGroup, message_id: messageId, died_at: diedAt, is_replayed: isReplayed, ...letter }));
    return { count: results.length, next: null, previous: null, results };
  }

  @Get('dead_letters/dropped')
  @Access('admin')
  @Answers('those that somebody has given up: who, when and why; the latest first', pageSchema(droppedLetterSchema))
  async dropped(): Promise<Page<DroppedLetterBody>> {
    const letters = await listDroppedLetters(this.store.pool, droppedShown);
    const results = letters.map(({ consumerGroup, messageId, diedAt, droppedBy, droppedBecause, droppedAt, ...letter }) => ({
      consumer_group: consumerGroup, message_id: messageId, died_at: diedAt, dropped_by: droppedBy, dropped_because: droppedBecause, dropped_at: droppedAt, ...letter,
    }));
    return { count: results.length, next: null, previous: null, results };
  }

  @Post('dead_letters/replay')
  @HttpCode(200)
  @Access('admin')
  @Answers('they are tried again: all of them, or the one that is named', objectSchema)
  async replay(@Body() { consumer_group: consumerGroup, message_id: messageId }: LettersBody): Promise<object> {
    if ((consumerGroup ?? null) === null && (messageId ?? null) === null) return { replayed: await replayDeadLetters(this.store.pool) };
    if (!consumerGroup || !messageId) throw new Refusal('request-invalid', 'consumer_group and message_id belong together', 'polyaxon admin dead-letters');
    const replayed = await replayDeadLetters(this.store.pool, { consumerGroup, messageId });
    if (replayed === 0) throw noLetter({ consumerGroup, messageId });
    return { replayed };
  }

  @Post('dead_letters/drop')
  @HttpCode(200)
  @Access('admin')
  @Answers('nobody will react to it any more; who has said so, when and why is kept', objectSchema)
  async drop(@Body() { consumer_group: consumerGroup, message_id: messageId, reason }: DropBody, @TheCaller() caller: Caller): Promise<object> {
    if (!(await dropDeadLetter(this.store.pool, { consumerGroup, messageId }, { by: nameOf(caller), because: reason.trim() }))) throw noLetter({ consumerGroup, messageId });
    return { dropped: 1 };
  }

  @Post('refill_topics')
  @HttpCode(202)
  @Access('admin')
  @Answers('the relay publishes every event again, before anything new', objectSchema, { status: 202 })
  async refill(): Promise<object> {
    const categories = Object.keys(owners) as Category[];
    const relays = await refillTopics(this.store.pool, categories);
    if (relays === 0) throw new Refusal('request-invalid', 'nothing was ever published to Kafka from this store: the services hear each other through Postgres', 'npm start -- --bus kafka');
    return { topics: categories.map((category) => `${category}.events`) };
  }
}

function noLetter({ consumerGroup, messageId }: LetterId): Refusal {
  return new Refusal('dead-letter-not-found', `the ${consumerGroup} has no dead letter ${messageId}: it was reacted to meanwhile, or dropped`, 'polyaxon admin dead-letters');
}
