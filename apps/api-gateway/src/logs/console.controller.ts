// From HTTP to what a program prints where the platform can't read it.
import { Controller, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '#decider';
import { problemOf } from '#service-host';
import { Access, TheCaller, TheExperiment } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import type { Caller } from '../http/authentication.ts';
import { ConsolePieceQuery } from '../http/dto.ts';
import { consoleReceiptSchema, fileSchema } from '../http/schemas.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import { ConsoleSender } from './console-sender.ts';

@ApiTags('logs')
@Controller('api/v1/:user/:project/experiments/:id/console')
export class ConsoleController {
  constructor(private readonly sender: ConsoleSender) {}

  /** Safe to send again: what is there already is not added twice. */
  @Put()
  @Access('write-experiment', { run: true })
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: fileSchema })
  @Answers('how much of it is there; 409 with the same when the piece begins behind that: go on from there', consoleReceiptSchema)
  async receive(@Query() piece: ConsolePieceQuery, @TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { attempt, offset, size, replica, last } = piece;
    if (caller.kind !== 'run') throw new Refusal('not-allowed', 'what a program prints is sent with the token of its run only');
    if (caller.attempt !== attempt) throw new Refusal('not-allowed', `this is the token of attempt ${caller.attempt}, not of attempt ${attempt}`);
    const { body = null } = request as { body?: unknown };
    if (body !== null && !Buffer.isBuffer(body)) throw new Refusal('request-invalid', 'what is printed is sent as application/octet-stream');
    const { receivedBytes, isGap } = await this.sender.send({ experimentId: id, attempt, offset, size, replica, last: last === 1 ? 1 : undefined }, body ?? Buffer.alloc(0));
    if (!isGap) return void reply.send({ receivedBytes });
    const problem = problemOf(new Refusal('console-gap', `the piece begins at byte ${offset}, and only ${receivedBytes} bytes before it are here`), request.id);
    void reply.code(problem.status).type('application/problem+json; charset=utf-8').send(JSON.stringify({ ...problem, receivedBytes }));
  }
}
