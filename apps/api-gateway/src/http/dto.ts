// What may be said about projects and experiments?
import { ApiPropertyOptional, ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsNumber, IsObject, IsOptional, IsString, Matches, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { doneStatuses, namePattern, type ExperimentStatus } from '#contracts';
import { AsNumber, CursorQuery, SliceQuery } from './paging.ts';

const tagsMax = 100;
const nameHelp = { message: '$property must be 1 to 64 of letters, digits, - and _' };
const live: readonly Exclude<ExperimentStatus, (typeof doneStatuses)[number]>[] = ['created', 'copying', 'building', 'scheduled', 'starting', 'running', 'warning', 'unschedulable', 'unknown'];

/** `True` as Python writes it. */
export const AsFlag = (): PropertyDecorator => Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? /^(true|1|yes)$/i.test(value) : value));

export function Tags(): PropertyDecorator {
  const decorators = [ApiPropertyOptional({ type: [String], nullable: true }), IsOptional(), IsArray(), ArrayMaxSize(tagsMax), IsString({ each: true }), MaxLength(128, { each: true })];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

export function Text(max: number): PropertyDecorator {
  const decorators = [ApiPropertyOptional({ type: String, nullable: true, maxLength: max }), IsOptional(), IsString(), MaxLength(max)];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

export function Asked(max: number, example: string): PropertyDecorator {
  const decorators = [ApiPropertyOptional({ type: String, maxLength: max, example }), IsOptional(), IsString(), MaxLength(max)];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

export function Name(): PropertyDecorator {
  const decorators = [ApiPropertyOptional({ type: String, nullable: true, pattern: namePattern.source }), IsOptional(), IsString(), Matches(namePattern, nameHelp)];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

export function Flag(): PropertyDecorator {
  const decorators = [ApiPropertyOptional({ type: Boolean, nullable: true }), IsOptional(), IsBoolean()];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

function Mapping(): PropertyDecorator {
  const decorators = [ApiPropertyOptional({ type: 'object', additionalProperties: true, nullable: true }), IsOptional(), IsObject()];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

function Seconds(): PropertyDecorator {
  const decorators = [ApiPropertyOptional({ type: 'integer', minimum: 0, nullable: true }), IsOptional(), IsInt(), Min(0), Max(2_000_000_000)];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

export class NewProjectBody {
  @ApiProperty({ pattern: namePattern.source }) @IsString() @MaxLength(256) name!: string;
  @Text(10_000) description?: string | null;
  @Tags() tags?: string[] | null;
  @Flag() is_public?: boolean | null;
}

export class ProjectChanges {
  @Text(10_000) description?: string | null;
  @Tags() tags?: string[] | null;
  @Flag() is_public?: boolean | null;
}

export class NewExperimentBody {
  /** The polyaxonfile: YAML or JSON. Its size is checked by its reader, who names the limit. */
  @ApiPropertyOptional({ type: String, nullable: true }) @IsOptional() @IsString() content?: string | null;
  @Name() name?: string | null;
  @Text(10_000) description?: string | null;
  @Tags() tags?: string[] | null;
  @Seconds() ttl?: number | null;
  @Flag() is_managed?: boolean | null;
  /** An upload of the project, by its revision; the latest when absent. */
  @Text(64) code_revision?: string | null;
  @Text(128) framework?: string | null;
  @Text(128) backend?: string | null;
  @Mapping() run_env?: Record<string, unknown> | null;
  @Mapping() params?: Record<string, unknown> | null;
  /** The group it becomes a member of: its number, or its unique name. */
  @ApiPropertyOptional({ oneOf: [{ type: 'integer' }, { type: 'string' }], nullable: true })
  @IsOptional() @Matches(/^([-\w]+\.[-\w]+\.)?[1-9]\d{0,8}$/, { message: '$property must be the number of a group' }) @Transform(({ value }: { value: unknown }) => (typeof value === 'number' ? String(value) : value))
  experiment_group?: string | null;
}

export class ExperimentChanges {
  @Name() name?: string | null;
  @Text(10_000) description?: string | null;
  @Tags() tags?: string[] | null;
  @Mapping() params?: Record<string, unknown> | null;
  @Text(128) framework?: string | null;
  @Text(128) backend?: string | null;
  @Mapping() run_env?: Record<string, unknown> | null;
  @Mapping() data_refs?: Record<string, unknown> | null;
  @Flag() merge?: boolean | null;
}

export class CloneBody {
  /** An override: YAML, JSON, or a Python dict as text. */
  @ApiPropertyOptional({ type: String, nullable: true }) @IsOptional() @IsString() content?: string | null;
  @Flag() update_code?: boolean | null;
  /** The full digest of an upload, or its beginning; wins over update_code. */
  @Text(64) code_revision?: string | null;
  @Name() name?: string | null;
  @Text(10_000) description?: string | null;
  @Tags() tags?: string[] | null;
  @Seconds() ttl?: number | null;
  @Flag() force?: boolean | null;
  /** Go on from this checkpoint: its path, its name, or its step. */
  @Text(1024) from?: string | null;
  @ApiPropertyOptional({ type: [String], nullable: true }) @IsOptional() @IsArray() @ArrayMaxSize(1000) @IsString({ each: true }) copy_dirs?: string[] | null;
  @ApiPropertyOptional({ type: [String], nullable: true }) @IsOptional() @IsArray() @ArrayMaxSize(1000) @IsString({ each: true }) copy_files?: string[] | null;
  /** Of a plan: what is asked for is refused when anything that plan has seen is different now. */
  @Text(256) plan_token?: string | null;
}

export class StopBody {
  /** Not settable here: a run is told before it starts how long it has, and whoever sends this must not believe that it helped. */
  @ApiPropertyOptional({ type: 'integer', deprecated: true, nullable: true })
  @IsOptional() @IsIn([], { message: 'the grace period is set in the polyaxonfile: environment.grace_period_seconds' })
  grace_period_seconds?: null;
}

export class SearchQuery extends CursorQuery {
  @Asked(2000, 'status: running|failed, ~name: %foo%') query?: string;
  @Asked(500, '-created_at, name') sort?: string;
}

export class ExperimentsQuery extends SearchQuery {
  @ApiPropertyOptional({ type: Boolean }) @IsOptional() @AsFlag() @IsBoolean() independent?: boolean;
  @ApiPropertyOptional({ type: 'integer' }) @IsOptional() @AsNumber() @IsInt() @Min(1) @Max(2_000_000_000) group?: number;
  @ApiPropertyOptional({ type: Boolean, description: 'last_metric is always there' }) @IsOptional() @AsFlag() @IsBoolean() metrics?: boolean;
  @ApiPropertyOptional({ type: Boolean, description: 'content, command and run_env are empty: they may be long, and a list shows none of them' }) @IsOptional() @AsFlag() @IsBoolean() brief?: boolean;
  @ApiPropertyOptional({ type: Boolean, description: 'params are always there' }) @IsOptional() @AsFlag() @IsBoolean() params?: boolean;
}

export class StatusReport {
  @ApiProperty({ enum: [...live, ...doneStatuses] }) @IsIn([...live, ...doneStatuses]) status!: ExperimentStatus;
  @Text(10_000) message?: string | null;
  @Text(100_000) traceback?: string | null;
}

export class CheckpointReport {
  /** As the program knows it; what it was given, when it doesn't say. */
  @Text(1024) path?: string | null;
  @ApiPropertyOptional({ type: 'integer', nullable: true }) @IsOptional() @IsInt() @Min(0) step?: number | null;
}

export class CodeReferenceReport {
  @Text(256) commit?: string | null;
  @Text(1024) head?: string | null;
  @Text(1024) branch?: string | null;
  @Text(2048) git_url?: string | null;
  @Flag() is_dirty?: boolean | null;
}

export class LogsQuery {
  @ApiPropertyOptional({ type: 'integer', description: 'bytes to skip' }) @IsOptional() @AsNumber() @IsInt() @Min(0) offset?: number;
  @ApiPropertyOptional({ type: 'integer', description: 'bytes to answer at most' }) @IsOptional() @AsNumber() @IsInt() @Min(1) limit?: number;
  @ApiPropertyOptional({ type: 'integer', description: 'only this many of the last lines' }) @IsOptional() @AsNumber() @IsInt() @Min(0) @Max(1_000_000) tail?: number;
  @ApiPropertyOptional({ description: 'a number; or all: also those of what it resumes' }) @IsOptional() @Matches(/^(all|[1-9]\d{0,8})$/) attempt?: string;
}

export class ConsolePieceQuery {
  @ApiProperty({ type: 'integer', description: 'of the token it is sent with' }) @AsNumber() @IsInt() @Min(1) attempt!: number;
  @ApiProperty({ type: 'integer', description: 'where the piece begins, in what was printed' }) @AsNumber() @IsInt() @Min(0) offset!: number;
  @ApiProperty({ type: 'integer', description: 'how many bytes were printed by now, sent or not' }) @AsNumber() @IsInt() @Min(0) size!: number;
  @ApiPropertyOptional({ description: 'which of its replicas has printed it' }) @IsOptional() @Matches(/^[a-z0-9][a-z0-9-]{0,62}$/) replica?: string;
  @ApiPropertyOptional({ type: 'integer', description: '1: nothing is left of the program, nor of what it printed, after this' }) @IsOptional() @AsNumber() @IsIn([0, 1]) last?: number;
}

export class AttemptQuery {
  @ApiProperty({ type: 'integer', description: 'of the token it is sent with' }) @AsNumber() @IsInt() @Min(1) attempt!: number;
}

class CarryingReport {
  @ApiProperty({ description: 'how far the store is behind what was written' }) @IsNumber() @Min(0) lag_seconds!: number;
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) size_bytes!: number;
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) failures!: number;
}

class CheckpointSeenReport {
  @ApiProperty({ enum: ['read', 'not-read', 'unknown'] }) @IsIn(['read', 'not-read', 'unknown']) read!: 'read' | 'not-read' | 'unknown';
  @ApiProperty({ maxLength: 500 }) @IsString() @MaxLength(500) how!: string;
}

export class AttemptReport {
  @ApiProperty({ description: 'its build steps have not all succeeded' }) @IsBoolean() is_building!: boolean;
  @ApiProperty({ type: CarryingReport, nullable: true }) @IsOptional() @ValidateNested() @Type(() => CarryingReport) carrying?: CarryingReport | null;
  @ApiProperty({ type: [String] }) @IsArray() @ArrayMaxSize(8) @IsString({ each: true }) @MaxLength(500, { each: true }) warnings!: string[];
  @ApiProperty({ type: CheckpointSeenReport, nullable: true }) @IsOptional() @ValidateNested() @Type(() => CheckpointSeenReport) checkpoint?: CheckpointSeenReport | null;
}

export class LineIndexQuery {
  @ApiPropertyOptional({ type: 'integer', description: 'of a line that begins there; the first one without it' }) @IsOptional() @AsNumber() @IsInt() @Min(0) offset?: number;
  @ApiPropertyOptional({ description: 'as for the lines themselves' }) @IsOptional() @Matches(/^(all|[1-9]\d{0,8})$/) attempt?: string;
}

export class LogSearchQuery extends SliceQuery {
  /** Within one line. */
  @ApiProperty({ type: String, minLength: 1, maxLength: 1000 }) @IsString() @MaxLength(1000) @Matches(/^[^\r\n]+$/, { message: 'q is what to search for: one line, and not nothing' }) q!: string;
  @ApiPropertyOptional({ type: Boolean, description: 'q is a regular expression, as JavaScript has them' }) @IsOptional() @AsFlag() @IsBoolean() regex?: boolean;
  @ApiPropertyOptional({ type: Boolean, description: 'capital letters are other letters' }) @IsOptional() @AsFlag() @IsBoolean() match_case?: boolean;
  @ApiPropertyOptional({ description: 'as for the lines themselves' }) @IsOptional() @Matches(/^(all|[1-9]\d{0,8})$/) attempt?: string;
}
