// How do the other services read outputs as a whole?
import { Controller, Get, Query, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { CopyProgressBody, CopyTaskBody, FilesComparison, OutputsSummary, OutputsTreeBody, StoreBody } from '#contracts';
import { Refusal } from '#decider';
import { InternalOnly } from '#service-host';
import { WorkTable } from '../work/work-table.ts';
import { OutputsReader } from './outputs-reader.ts';

/** In a query; the default store when none is named. */
export interface AskedPlace {
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

  @Get('archive')
  async archive(@Query() { path = '', store }: AskedPlace, @Query('folder') folder = '', @Res() reply: FastifyReply): Promise<void> {
    const archive = await this.outputs.archive({ path, store }, folder);
    await reply.header('content-type', 'application/gzip').send(archive);
  }

  @Get('copies')
  copies(): Promise<CopyTaskBody[]> {
    return this.work.copies();
  }

  @Get('copy_progress')
  async copyProgress(@Query('experimentId') experimentId = ''): Promise<CopyProgressBody> {
    const progress = /^[1-9]\d{0,15}$/.test(experimentId) ? await this.work.copyProgress(Number(experimentId)) : null;
    if (!progress) throw new Refusal('path-not-found', `no outputs are being copied for experiment ${experimentId}`);
    return progress;
  }
}
