// How do the other services read outputs?
import { Controller, Get, Headers, Query, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { pipeline, Readable, Transform } from 'node:stream';
import type { CopyProgressBody, FilesComparison, OutputsSummary, OutputsTreeBody, StoreBody } from '#contracts';
import { Refusal } from '#decider';
import { InternalOnly } from '#service-host';
import { WorkTable } from '../work/work-table.ts';
import { byteRange } from './byte-range.ts';
import { OutputsReader } from './outputs-reader.ts';

/** In a query; the default store when none is named. */
interface AskedPlace {
  readonly path?: string;
  readonly store?: string;
}

@Controller('internal/outputs')
@UseGuards(InternalOnly)
export class OutputsController {
  constructor(
    private readonly outputs: OutputsReader,
    private readonly work: WorkTable,
  ) {}

  @Get('store')
  store(@Query('name') name = 'default'): Promise<StoreBody> {
    return this.outputs.store(name);
  }

  @Get('summary')
  summary(@Query() { path = '', store }: AskedPlace, @Query('from') from?: string): Promise<OutputsSummary> {
    return this.outputs.summary({ path, store }, from ?? null);
  }

  @Get('newest_checkpoint')
  async newestCheckpoint(@Query() { path = '', store }: AskedPlace): Promise<{ modifiedAt: string | null }> {
    return { modifiedAt: await this.outputs.newestCheckpoint({ path, store }) };
  }

  @Get('tree')
  tree(@Query() { path = '', store }: AskedPlace, @Query('folder') folder = ''): Promise<OutputsTreeBody> {
    return this.outputs.children({ path, store }, folder);
  }

  @Get('difference')
  difference(@Query() { path = '', store }: AskedPlace, @Query('with') other = '', @Query('with_store') otherStore?: string): Promise<FilesComparison> {
    return this.outputs.compare({ path, store }, { path: other, store: otherStore });
  }

  @Get('file')
  async file(@Query() { path = '', store }: AskedPlace, @Query('file') file = '', @Headers('range') header: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    const entry = await this.outputs.file({ path, store }, file);
    const { sizeBytes, modifiedAt } = entry;
    const range = byteRange(header, sizeBytes);
    void reply.header('accept-ranges', 'bytes').header('last-modified', new Date(modifiedAt).toUTCString()).header('content-type', 'application/octet-stream');
    if (range === null) {
      await reply.status(416).header('content-range', `bytes */${sizeBytes}`).send('');
      return;
    }
    const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
    const length = end - start + 1;
    if (range) void reply.status(206).header('content-range', `bytes ${start}-${end}/${sizeBytes}`);
    const content = length === 0 ? Readable.from([]) : wholly(await this.outputs.read(entry, store, { start, end }), length);
    await reply.header('content-length', length).send(content);
  }

  @Get('archive')
  async archive(@Query() { path = '', store }: AskedPlace, @Query('folder') folder = '', @Res() reply: FastifyReply): Promise<void> {
    const archive = await this.outputs.archive({ path, store }, folder);
    await reply.header('content-type', 'application/gzip').send(archive);
  }

  @Get('copy_progress')
  async copyProgress(@Query('experimentId') experimentId = ''): Promise<CopyProgressBody> {
    const progress = /^[1-9]\d{0,15}$/.test(experimentId) ? await this.work.copyProgress(Number(experimentId)) : null;
    if (!progress) throw new Refusal('path-not-found', `no outputs are being copied for experiment ${experimentId}`);
    return progress;
  }
}

/** A file that became shorter than was promised must not look complete: the connection breaks off instead. */
function wholly(content: Readable, length: number): Readable {
  let missing = length;
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      missing -= chunk.length;
      done(null, chunk);
    },
    flush: (done) => done(missing === 0 ? null : new Error(`the file ended ${missing} bytes early`)),
  });
  return pipeline(content, counted, () => undefined);
}
