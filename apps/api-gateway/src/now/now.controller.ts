// From HTTP to what somebody should see first.
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsInt, Max, Min, ValidateNested } from 'class-validator';
import { needKinds, type DismissalBody, type NowBody } from '#contracts';
import { Refusal } from '#decider';
import { Access, TheCaller } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import type { Caller } from '../http/authentication.ts';
import { nowSchema } from '../http/schemas.ts';
import { Dismissals } from './dismissals.ts';
import { Now } from './now.ts';

const kinds = [...needKinds, 'done'] as const;

class Dismissed {
  @ApiProperty({ type: 'integer', minimum: 1 }) @IsInt() @Min(1) @Max(2_000_000_000) experiment!: number;
  @ApiProperty({ enum: kinds }) @IsIn(kinds) kind!: DismissalBody['kind'];
}

class DismissedBody {
  @ApiProperty({ type: [Dismissed] }) @IsArray() @ArrayMinSize(1) @ArrayMaxSize(500) @ValidateNested({ each: true }) @Type(() => Dismissed) dismissed!: Dismissed[];
}

@ApiTags('now')
@Controller('api/v1/now')
export class NowController {
  constructor(
    private readonly now: Now,
    private readonly dismissals: Dismissals,
  ) {}

  @Get()
  @Access('login')
  @Answers('of the projects of whoever asks: what needs them, what runs, and what has ended lately', nowSchema)
  look(@TheCaller() caller: Caller): Promise<NowBody> {
    return this.now.of(userOf(caller));
  }

  @Post('dismissals')
  @HttpCode(204)
  @Access('login')
  @Answers('they are not shown any more, until it happens again', null, { status: 204 })
  dismiss(@Body() { dismissed }: DismissedBody, @TheCaller() caller: Caller): Promise<void> {
    return this.dismissals.add(userOf(caller), dismissed);
  }

  @Post('dismissals/undo')
  @HttpCode(204)
  @Access('login')
  @Answers('they are shown again', null, { status: 204 })
  undo(@Body() { dismissed }: DismissedBody, @TheCaller() caller: Caller): Promise<void> {
    return this.dismissals.undo(userOf(caller), dismissed);
  }
}

function userOf(caller: Caller): string {
  if (caller.kind === 'run') throw new Refusal('not-allowed', 'the token of a run is good for its own experiment only');
  return caller.user.username;
}
