// From HTTP to the difference between two experiments.
import { Controller, Get, Query } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import type { ExperimentComparison } from '#contracts';
import { AccessGuard } from '../http/access.guard.ts';
import { Access, TheCaller, TheExperiment } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import type { Caller } from '../http/authentication.ts';
import { comparisonSchema } from '../http/schemas.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import { Comparisons } from './comparisons.ts';

class CompareQuery {
  @ApiProperty({ description: 'number, or unique name, of the other experiment, in any project the caller may read', example: '31' })
  @Matches(/^(?:[-\w]+\.)*[1-9]\d{0,8}$/, { message: 'with: the number of the experiment to compare with, such as with=31' })
  with!: string;
}

@ApiTags('story')
@Controller('api/v1/:user/:project/experiments/:id')
export class CompareController {
  constructor(
    private readonly comparisons: Comparisons,
    private readonly guard: AccessGuard,
  ) {}

  @Get('diff')
  @Access('read-experiment')
  @Answers('what is different in the other: polyaxonfile, params, code, last metrics and outputs', comparisonSchema)
  async diff(@Query() { with: other }: CompareQuery, @TheExperiment() before: ExperimentView, @TheCaller() caller: Caller): Promise<ExperimentComparison> {
    return this.comparisons.of(before, await this.guard.mayRead(caller, { id: other.slice(other.lastIndexOf('.') + 1) }));
  }
}
