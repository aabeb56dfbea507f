// From HTTP to the copies of outputs that run, and those that lately did.
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { CopyBody } from '#contracts';
import { Access, TheCaller } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { readerOf, type Caller } from '../http/authentication.ts';
import { copiesSchema } from '../http/schemas.ts';
import { Copies } from './copies.ts';

@ApiTags('outputs')
@Controller('api/v1/copies')
export class CopiesController {
  constructor(private readonly copies: Copies) {}

  @Get()
  @Access('login')
  @Answers('copies in all projects the caller may read, the newest first: those that run, with how far they are, and those that were asked for in the last 24 hours', copiesSchema)
  list(@TheCaller() caller: Caller): Promise<CopyBody[]> {
    return this.copies.of(readerOf(caller));
  }
}
