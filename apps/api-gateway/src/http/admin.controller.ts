// From HTTP to what keeps the platform itself in order.
import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { owners, type Category } from '#contracts';
import { Refusal } from '#decider';
import { EventStore } from '#event-store';
import { listDeadLetters, refillTopics, replayDeadLetters } from '#messaging';
import { rebuildViews } from '../views/rebuild.ts';
import { Access } from './access.ts';
import { Answers } from './answers.ts';
import { objectSchema, pageSchema } from './schemas.ts';

@ApiTags('admin')
@Controller('api/v1/admin')
export class AdminController {
  constructor(private readonly store: EventStore) {}

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
  @Answers('events that could not be reacted to, with the reason', pageSchema(objectSchema))
  async deadLetters(): Promise<object> {
    const letters = await listDeadLetters(this.store.pool);
    const results = letters.map(({ consumerGroup, messageId, diedAt, ...letter }) => ({ consumer_group: consumerGroup, message_id: messageId, died_at: diedAt, ...letter }));
    return { count: results.length, next: null, previous: null, results };
  }

  @Post('dead_letters/replay')
  @HttpCode(200)
  @Access('admin')
  @Answers('they are tried again', objectSchema)
  async replay(): Promise<object> {
    return { replayed: await replayDeadLetters(this.store.pool) };
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
