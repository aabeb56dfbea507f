// From HTTP to uploaded code.
import { Controller, Get, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '#contracts';
import { Refusal } from '#decider';
import { Access, TheCaller, TheProject } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { nameOf, type Caller } from '../http/authentication.ts';
import { fileSchema, uploadSchema } from '../http/schemas.ts';
import { Projects } from '../project/projects.ts';
import type { ProjectView } from '../views/projects.view.ts';
import { CodeStore } from './code-store.ts';

@ApiTags('code')
@Controller('api/v1/:user/:project/repo')
export class CodeController {
  constructor(
    private readonly code: CodeStore,
    private readonly projects: Projects,
  ) {}

  /** Answered once it is on disk and recorded: a clone with newer code may be the next request. */
  @Put('upload')
  @Access('write-project')
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: { type: 'object', properties: { repo: { type: 'string', format: 'binary', description: 'a tar archive, gzipped; the first part' } }, required: ['repo'] } })
  @Answers('the revision of these files', uploadSchema)
  async upload(@Req() request: FastifyRequest, @TheProject() { id, user, name }: ProjectView, @TheCaller() caller: Caller): Promise<object> {
    if (!request.isMultipart()) throw new Refusal('upload-invalid', 'an upload is multipart/form-data with a part `repo`', 'polyaxon upload');
    try {
      const repo = await firstFile(request);
      const facts = await this.code.keep(user, name, repo.file as AsyncIterable<Buffer>);
      const { unchanged } = await this.projects.recordUpload(id, facts, nameOf(caller));
      return { revision: facts.revision, files: facts.files, size_bytes: facts.sizeBytes, unchanged };
    } finally {
      drain(request);
    }
  }

  @Get('download')
  @Access('read-project')
  @ApiQuery({ name: 'commit', required: false, description: 'a revision, or its first 7 digits and more; the latest upload without it' })
  @Answers('the archive as it was uploaded', fileSchema, { type: 'application/gzip' })
  async download(@Query('commit') commit: unknown, @TheProject() { user, name, latestRevision }: ProjectView, @Res() reply: FastifyReply): Promise<void> {
    const wanted = typeof commit === 'string' && commit !== '' ? commit : latestRevision;
    if (wanted === null) throw new Refusal('code-not-found', `nothing was ever uploaded to ${user}/${name}`, 'polyaxon upload');
    const { revision, sizeBytes, open } = await this.code.find(user, name, wanted);
    reply.header('content-type', 'application/gzip').header('content-disposition', `attachment; filename="${name}-${revision.slice(0, 12)}.tar.gz"`);
    await reply.header('x-polyaxon-content-length', String(sizeBytes)).send(await open()); // chunked: one cut short is an error for every client
  }
}

async function firstFile(request: FastifyRequest): Promise<MultipartFile> {
  const { value } = await request.parts({ limits: { fileSize: limits.uploadBytes + 1, files: 1, fields: 10 } }).next() as { value: Awaited<ReturnType<FastifyRequest['file']>> };
  if (value?.type !== 'file' || value.fieldname !== 'repo') throw new Refusal('upload-invalid', 'the first part of an upload is the file `repo`', 'polyaxon upload');
  return value;
}

/** Clients send all before they read the answer; whoever sends without end is cut off. */
function drain(request: FastifyRequest): void {
  const { raw } = request;
  if (raw.readableEnded || raw.destroyed) return;
  raw.unpipe();
  let left = 2 * limits.uploadBytes;
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) raw.destroy();
  });
  raw.resume();
}
