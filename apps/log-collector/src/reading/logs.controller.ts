// How do the other services read logs?
import { Controller, Get, Param, Query, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Refusal } from '#decider';
import { InternalOnly } from '#service-host';
import { LogsReader, type Wanted } from './logs-reader.ts';

type Questions = Readonly<Record<string, string | undefined>>;

const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

@Controller('internal/logs')
@UseGuards(InternalOnly)
export class LogsController {
  constructor(private readonly logs: LogsReader) {}

  /** With `follow=1` the answer goes on until there will be no more; who leaves early comes back with the offset behind the last byte that arrived. */
  @Get(':experimentId')
  async read(@Param('experimentId') id: string, @Query() questions: Questions, @Res() reply: FastifyReply): Promise<void> {
    const experimentId = whole('experiment', id, 1);
    const wanted = wantedOf(questions);
    if (questions.follow === '1') return follow(await this.logs.follow(experimentId, wanted), reply);
    const { content, sizeBytes, nextOffset, isComplete, attempts, grownAt } = await this.logs.read(experimentId, wanted);
    await reply
      .headers({
        ...headers, 'content-length': sizeBytes, 'x-polyaxon-next-offset': nextOffset, 'x-polyaxon-complete': String(isComplete),
        'x-polyaxon-attempts': attempts.map(({ attempt, start }) => `${attempt}:${start}`).join(), ...(grownAt && { 'x-polyaxon-grown-at': grownAt.toISOString() }),
      })
      .send(Readable.from(content, { objectMode: false }));
  }
}

/** The answer begins at once, although its first line may be hours away. */
async function follow(content: AsyncGenerator<Buffer>, reply: FastifyReply): Promise<void> {
  reply.hijack();
  reply.raw.writeHead(200, headers);
  reply.raw.flushHeaders();
  const lines = Readable.from(content, { objectMode: false, highWaterMark: 1 });
  await pipeline(lines, reply.raw).catch(() => reply.raw.destroy()); // the reader left, or the logs were deleted
}

function wantedOf({ attempt, offset, limit, tail }: Questions): Wanted {
  return {
    attempt: attempt === undefined || attempt === '' || attempt === 'all' ? 'all' : whole('attempt', attempt, 1),
    offset: offset === undefined ? undefined : whole('offset', offset, 0),
    limit: limit === undefined ? undefined : whole('limit', limit, 1),
    tail: tail === undefined ? undefined : whole('tail', tail, 0),
  };
}

function whole(name: string, text: string, min: number): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (number >= min) return number;
  throw new Refusal('request-invalid', `${name} is a whole number from ${min}, not ${JSON.stringify(text)}`);
}
