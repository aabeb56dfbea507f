// From HTTP to console output.
import { Readable } from 'node:stream';
import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LineIndexBody, LogSearchBody } from '#contracts';
import { Refusal } from '#decider';
import { Access, TheExperiment } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { LineIndexQuery, LogSearchQuery, LogsQuery } from '../http/dto.ts';
import { pageOf } from '../http/paging.ts';
import { headersOf, passOn } from '../http/peer.ts';
import { lineIndexSchema, logSearchSchema, objectSchema, textSchema } from '../http/schemas.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import { ConsoleReader, type ConsolePart } from './console-reader.ts';
import { JoinedLogs, type Begins } from './joined-logs.ts';
import { LineIndex, type AttemptStart } from './line-index.ts';
import { LogSearch } from './log-search.ts';
import { ReportedLines } from './reported-lines.ts';

const plain = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
const nextOffset = 'x-polyaxon-next-offset';
const completeHeader = 'x-polyaxon-complete';
const attemptsHeader = 'x-polyaxon-attempts';
const grownAtHeader = 'x-polyaxon-grown-at';
/** Looked at for one answer; whoever wants to know of more asks again from the last start. */
const indexedBytesMax = 512 * 1024 * 1024;

@ApiTags('logs')
@Controller('api/v1/:user/:project/experiments/:id/logs')
export class LogsController {
  constructor(
    private readonly consoles: ConsoleReader,
    private readonly joined: JoinedLogs,
    private readonly reported: ReportedLines,
    private readonly searching: LogSearch,
  ) {}

  @Get()
  @Access('read-experiment')
  @Answers('what it printed until now, one line a line', textSchema, { type: 'text/plain' })
  async read(@Query() { offset, limit, tail, attempt }: LogsQuery, @TheExperiment() { id, isManaged }: ExperimentView, @Res() reply: FastifyReply): Promise<void> {
    if (!isManaged) return this.#reported(id, offset ?? 0, reply);
    const chain = attempt === 'all' ? await this.joined.chainOf(id) : [];
    if (chain.length > 1) await reply.headers(plain).send(Readable.from(this.joined.read(chain, { offset, limit, tail })));
    else await this.#console(id, { offset, limit, tail, attempt }, reply);
  }

  @Get('lines')
  @Access('read-experiment')
  @Answers('where every thousandth line begins, so that any line can be read by its number', lineIndexSchema)
  async lines(@Query() { offset = 0, attempt }: LineIndexQuery, @TheExperiment() view: ExperimentView): Promise<LineIndexBody> {
    const index = new LineIndex(offset);
    let grownAt: string | null = null;
    const begins: Begins = (id, before, headers) => {
      index.expect(attemptsIn(id, before, headers));
      grownAt = headers.get(grownAtHeader);
    };
    const { content, isComplete } = await this.#contentOf(view, { offset, attempt }, begins);
    for await (const chunk of content) {
      index.take(chunk);
      if (index.bytesSeenUntil - offset >= indexedBytesMax) return index.body(false, grownAt);
    }
    return index.body(isComplete, grownAt);
  }

  @Get('search')
  @Access('read-experiment')
  @Answers('lines that have a text, and how many do in all of it', logSearchSchema)
  async search(
    @Query() { q, regex = false, match_case: matchesCase = false, attempt, ...slice }: LogSearchQuery, @TheExperiment() view: ExperimentView, @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LogSearchBody> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { content, isComplete } = await this.#contentOf(view, { offset: 0, attempt });
    const { hits, count, lines } = await this.searching.find(content, { text: q, isExpression: regex, matchesCase }, { skip: slice.offset, limit: slice.limit }, gone.signal);
    return { ...pageOf(request, slice, { count, results: hits }), lines, is_complete: isComplete };
  }

  @Post()
  @Access('write-experiment', { run: true })
  @ApiBody({ schema: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] } })
  @Answers('they were heard', objectSchema, { status: 201 })
  async add(@Body() body: unknown, @TheExperiment() { id, isManaged }: ExperimentView): Promise<object> {
    const lines = linesOf(body);
    // All that a run of the platform prints is kept already.
    if (!isManaged) await this.reported.add(id, lines.join('\n'));
    return { experiment: id, lines: lines.length };
  }

  /** The bytes that `read` answers with, for whoever is here. */
  async #contentOf({ id, isManaged, isDone }: ExperimentView, { offset = 0, attempt }: ConsolePart, begins: Begins = () => undefined): Promise<{ content: AsyncIterable<Uint8Array>; isComplete: boolean }> {
    if (!isManaged) return { content: this.reported.readAll(id, offset, await this.reported.sizeBytes(id)), isComplete: isDone };
    const chain = attempt === 'all' ? await this.joined.chainOf(id) : [];
    if (chain.length > 1) return { content: this.joined.read(chain, { offset }, begins), isComplete: isDone };
    try {
      const { body, headers } = await this.consoles.read(id, { offset, attempt });
      begins(id, 0, headers);
      return { content: (body ?? []) as AsyncIterable<Uint8Array>, isComplete: headers.get(completeHeader) === 'true' };
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'logs-not-found') throw error;
      return { content: (async function* () {})(), isComplete: isDone };
    }
  }

  async #console(id: number, part: ConsolePart, reply: FastifyReply): Promise<void> {
    try {
      const response = await this.consoles.read(id, part);
      passOn(response, reply, { ...headersOf(response, [nextOffset, completeHeader]), ...plain });
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'logs-not-found') throw error;
      await reply.headers({ ...plain, [nextOffset]: '0' }).send(''); // nothing yet
    }
  }

  async #reported(id: number, offset: number, reply: FastifyReply): Promise<void> {
    const end = Math.max(offset, await this.reported.sizeBytes(id));
    await reply.headers({ ...plain, [nextOffset]: String(end) }).send(Readable.from(this.reported.readAll(id, offset, end)));
  }
}

/** `1:0,2:4096`: where each attempt begins in the log of its experiment, which begins `before` bytes into the whole. */
function attemptsIn(experimentId: number, before: number, headers: Headers): AttemptStart[] {
  const starts = (headers.get(attemptsHeader) ?? '').split(',').filter((one) => one !== '');
  return starts.map((one) => one.split(':').map(Number)).map(([attempt = 1, offset = 0]) => ({ experimentId, attempt, offset: before + offset }));
}

/** A string or an array of strings, as the tracking clients send them. */
function linesOf(body: unknown): string[] {
  if (body === undefined || body === null) return [];
  if (typeof body === 'string') return [body];
  if (Array.isArray(body) && body.every((line): line is string => typeof line === 'string')) return body;
  throw new Refusal('request-invalid', 'log lines are a string or an array of strings');
}
