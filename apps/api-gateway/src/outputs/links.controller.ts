// From HTTP to a link that gives a file to whoever has it.
import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { limits, type OutputsLinkBody } from '#contracts';
import { Refusal } from '#decider';
import { Access, TheExperiment } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { AsNumber } from '../http/paging.ts';
import { outputsLinkSchema } from '../http/schemas.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import { keptOutputs } from './kept-outputs.ts';
import { OutputsReader } from './outputs-reader.ts';

const usualSeconds = 3600;

class LinkQuery {
  @ApiProperty() @IsString() @MinLength(1) @MaxLength(1024) path!: string;
  @ApiPropertyOptional({ type: 'integer', description: 'seconds it is good for' }) @IsOptional() @AsNumber() @IsInt() @Min(1) @Max(limits.linkSeconds) expires?: number;
}

@ApiTags('outputs')
@Controller('api/v1/:user/:project/experiments/:id')
export class LinksController {
  constructor(private readonly outputs: OutputsReader) {}

  /** A read, so that its answer is kept nowhere: the answers of writes are, for those who repeat them. */
  @Get('outputs/link')
  @Header('cache-control', 'no-store')
  @Access('read-experiment')
  @Answers('where the store itself gives the file to whoever has the address, until it expires', outputsLinkSchema)
  async link(@Query() { path, expires = usualSeconds }: LinkQuery, @TheExperiment() experiment: ExperimentView): Promise<OutputsLinkBody> {
    const expiresAt = new Date(Date.now() + expires * 1000).toISOString();
    try {
      return { url: (await this.outputs.link(keptOutputs(experiment), path, expires)).url, expires_at: expiresAt };
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'outputs-not-linkable') throw error;
      throw new Refusal('outputs-not-linkable', error.message, `polyaxon experiment -xp ${experiment.id} outputs get ${path}`);
    }
  }
}
