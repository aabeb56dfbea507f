// From HTTP to the outputs that a project keeps.
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import type { RetentionBody } from '#contracts';
import { Access, TheCaller, TheProject } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { nameOf, type Caller } from '../http/authentication.ts';
import { retentionSchema } from '../http/schemas.ts';
import { given } from '../http/validation.ts';
import type { ProjectView } from '../views/projects.view.ts';
import { Retention } from './retention.ts';

const countMax = 1_000_000;

class RetentionRulesBody {
  @ApiPropertyOptional({ type: 'integer', nullable: true, description: 'keep those of the newest so many' }) @IsOptional() @IsInt() @Min(1) @Max(countMax) keep_last?: number | null;
  @ApiPropertyOptional({ type: 'integer', nullable: true, description: 'keep those of the best so many by the last value of metric' }) @IsOptional() @IsInt() @Min(1) @Max(countMax) keep_best?: number | null;
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 200 }) @IsOptional() @IsString() @MinLength(1) @MaxLength(200) metric?: string | null;
  @ApiPropertyOptional({ enum: ['asc', 'desc'], nullable: true, description: 'asc: the smallest is the best' }) @IsOptional() @IsIn(['asc', 'desc']) order?: 'asc' | 'desc' | null;
}

class RetentionOrderBody extends RetentionRulesBody {
  @ApiProperty({ description: 'of the preview whose outputs are to go' }) @IsString() @MaxLength(64) token!: string;
}

@ApiTags('outputs')
@Controller('api/v1/:user/:project/retention')
export class RetentionController {
  constructor(private readonly retention: Retention) {}

  @Post('preview')
  @HttpCode(200)
  @Access('write-project')
  @Answers('which outputs would go, what that frees, which experiments could not be resumed or copied any more, and why the others stay', retentionSchema)
  preview(@Body() body: RetentionRulesBody, @TheProject() project: ProjectView): Promise<RetentionBody> {
    return this.retention.preview(project, given(body));
  }

  @Post()
  @HttpCode(202)
  @Access('write-project')
  @Answers('the outputs that go now: those of the preview', retentionSchema, { status: 202 })
  apply(@Body() body: RetentionOrderBody, @TheProject() project: ProjectView, @TheCaller() caller: Caller): Promise<RetentionBody> {
    return this.retention.apply(project, given(body), body.token, nameOf(caller));
  }
}
