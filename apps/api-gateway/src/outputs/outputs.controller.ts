// From HTTP to the files of an experiment; those of a resume are its original's.
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { CopyProgressBody, OutputsTreeBody } from '#contracts';
import { Refusal } from '#decider';
import { Access, TheExperiment } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { headersOf, passOn } from '../http/peer.ts';
import { copyProgressSchema, fileSchema, outputsDigestSchema, outputsFileSchema, outputsTreeSchema } from '../http/schemas.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import { keptOutputs } from './kept-outputs.ts';
import { OutputsReader } from './outputs-reader.ts';

const fileHeaders = ['content-length', 'content-range', 'accept-ranges', 'last-modified', 'etag', 'repr-digest'];
const archiveHeaders = ['x-polyaxon-content-length'];

@ApiTags('outputs')
@Controller('api/v1/:user/:project/experiments/:id')
export class OutputsController {
  constructor(private readonly outputs: OutputsReader) {}

  @Get('outputs/tree')
  @Access('read-experiment', { run: true })
  @ApiQuery({ name: 'path', required: false, description: 'a folder; the outputs path itself without it' })
  @Answers('what is in a folder: files with their sizes, and folders', outputsTreeSchema)
  tree(@Query('path') path: unknown, @TheExperiment() experiment: ExperimentView): Promise<OutputsTreeBody> {
    return this.outputs.tree(keptOutputs(experiment), textOf(path) ?? '');
  }

  @Get('outputs/files')
  @Access('read-experiment', { run: true })
  @ApiQuery({ name: 'path' })
  @Answers('the file, or the range of it that was asked for', fileSchema, { type: 'application/octet-stream' })
  async file(
    @Query('path') path: unknown, @Headers('range') range: string | undefined, @Headers('if-range') only: string | undefined, @TheExperiment() experiment: ExperimentView, @Res() reply: FastifyReply,
  ): Promise<void> {
    const response = await this.outputs.file(keptOutputs(experiment), fileOf(path), { range, 'if-range': only });
    // Never a type a browser would run: it is what a program wrote.
    passOn(response, reply, { ...headersOf(response, fileHeaders), 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff' });
  }

  @Get('outputs/list')
  @Access('read-experiment', { run: true })
  @ApiQuery({ name: 'path', required: false, description: 'a folder, or a file; the outputs path itself without it' })
  @Answers('every file below, one JSON object a line; an answer that breaks off is not all of them', outputsFileSchema, { type: 'application/x-ndjson' })
  async list(@Query('path') path: unknown, @TheExperiment() experiment: ExperimentView, @Res() reply: FastifyReply): Promise<void> {
    passOn(await this.outputs.list(keptOutputs(experiment), textOf(path) ?? ''), reply, { 'content-type': 'application/x-ndjson' });
  }

  @Get('outputs/digest')
  @Access('read-experiment', { run: true })
  @ApiQuery({ name: 'path' })
  @Answers('the sha256 of a file, which is read for it; blanks come before the answer when that takes long', outputsDigestSchema)
  async digest(@Query('path') path: unknown, @TheExperiment() experiment: ExperimentView, @Res() reply: FastifyReply): Promise<void> {
    passOn(await this.outputs.digest(keptOutputs(experiment), fileOf(path)), reply, { 'content-type': 'application/json; charset=utf-8' });
  }

  @Get('outputs/download')
  @Access('read-experiment', { run: true })
  @Answers('all of them, a gzipped tar archive', fileSchema, { type: 'application/gzip' })
  async download(@TheExperiment() experiment: ExperimentView, @Res() reply: FastifyReply): Promise<void> {
    const response = await this.outputs.archive(keptOutputs(experiment));
    passOn(response, reply, { ...headersOf(response, archiveHeaders), 'content-type': 'application/gzip', 'content-disposition': `attachment; filename="${experiment.body.unique_name}.tar.gz"` });
  }

  @Get('copy_progress')
  @Access('read-experiment')
  @Answers('how far the copy of the outputs has come', copyProgressSchema)
  copyProgress(@TheExperiment() { id }: ExperimentView): Promise<CopyProgressBody> {
    return this.outputs.copyProgress(id);
  }
}

function fileOf(path: unknown): string {
  const file = textOf(path);
  if (file === undefined) throw new Refusal('request-invalid', 'path: the file to read is missing');
  return file;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
