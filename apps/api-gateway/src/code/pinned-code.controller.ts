// From HTTP to the code that an experiment runs.
import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Refusal } from '#decider';
import { Access, TheExperiment } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { fileSchema } from '../http/schemas.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import { CodeStore } from './code-store.ts';

@ApiTags('code')
@Controller('api/v1/:user/:project/experiments/:id/code')
export class PinnedCodeController {
  constructor(private readonly code: CodeStore) {}

  @Get()
  @Access('read-experiment', { run: true })
  @Answers('the archive of the revision it is pinned to', fileSchema, { type: 'application/gzip' })
  async download(@TheExperiment() { id, body }: ExperimentView, @Res() reply: FastifyReply): Promise<void> {
    if (body.code_revision === null) throw new Refusal('code-not-found', `experiment ${id} runs without code`);
    const [user = '', project = ''] = body.project.split('.');
    const { revision, sizeBytes, open } = await this.code.find(user, project, body.code_revision);
    reply.header('content-type', 'application/gzip').header('content-disposition', `attachment; filename="${project}-${revision.slice(0, 12)}.tar.gz"`);
    await reply.header('x-polyaxon-content-length', String(sizeBytes)).send(await open()); // chunked: one cut short is an error for every client
  }
}
