// What may be said about groups?
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString } from 'class-validator';
import { groupDoneStatuses, type GroupStatus } from '#contracts';
import { Flag, Name, Tags, Text } from './dto.ts';

const statuses: readonly GroupStatus[] = ['created', 'resuming', 'running', 'warning', 'stopping', 'unknown', ...groupDoneStatuses];

export class NewGroupBody {
  /** A polyaxonfile of kind group: YAML or JSON. */
  @ApiPropertyOptional({ type: String, nullable: true }) @IsOptional() @IsString() content?: string | null;
  @Name() name?: string | null;
  @Text(10_000) description?: string | null;
  @Tags() tags?: string[] | null;
  /** False: it is only tracked, as are its members. */
  @Flag() is_managed?: boolean | null;
  /** An upload of the project, by its revision; the latest when absent. */
  @Text(64) code_revision?: string | null;
}

export class GroupChanges {
  @Name() name?: string | null;
  @Text(10_000) description?: string | null;
  @Tags() tags?: string[] | null;
  @Flag() merge?: boolean | null;
}

export class StopGroupBody {
  /** Only the members that have not started. */
  @Flag() pending?: boolean | null;
}

export class GroupResumeBody {
  /** An override of what the members run, and of hptuning.concurrency and early_stopping. */
  @ApiPropertyOptional({ type: String, nullable: true }) @IsOptional() @IsString() content?: string | null;
  @Flag() update_code?: boolean | null;
  @Text(64) code_revision?: string | null;
  @Flag() force?: boolean | null;
}

export class GroupStatusReport {
  /** `succeeded` is what the original tracking client says of a group that is done. */
  @ApiProperty({ enum: [...statuses, 'succeeded'] }) @IsIn([...statuses, 'succeeded']) status!: GroupStatus | 'succeeded';
  @Text(10_000) message?: string | null;
}
