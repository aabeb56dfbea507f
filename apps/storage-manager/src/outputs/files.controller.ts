// How do the other services read single files of outputs, and learn which there are?
import { createHash } from 'node:crypto';
import { pipeline, Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, Headers, Query, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { OutputsDigestBody, OutputsFileBody } from '#contracts';
import { InternalOnly } from '#service-host';
import type { FileEntry } from '#storage';
import { byteRange } from './byte-range.ts';
import { Digests } from './digests.ts';
import type { AskedPlace } from './outputs.controller.ts';
import { OutputsReader } from './outputs-reader.ts';

/** Up to here a file is read as a whole, so that its digest comes with it. */
const smallBytes = 1024 * 1024;
const linesAtOnce = 500;
const beatMs = 5000;

@Controller('internal/outputs')
@UseGuards(InternalOnly)
export class FilesController {
  constructor(
    private readonly outputs: OutputsReader,
    private readonly digests: Digests,
  ) {}

  /** One JSON object a line, since there may be any number of files. */
  @Get('list')
  async list(@Query() { path = '', store }: AskedPlace, @Query('folder') folder = '', @Res() reply: FastifyReply): Promise<void> {
    const files = await this.outputs.files({ path, store }, folder);
    await reply.header('content-type', 'application/x-ndjson').send(Readable.from(linesOf(files, `${path}/`), { objectMode: false }));
  }

  /** With `If-Range` a range is given only of the content that is meant, else all of it. */
  @Get('file')
  async file(
    @Query() { path = '', store }: AskedPlace, @Query('file') file = '', @Headers('range') asked: string | undefined, @Headers('if-range') only: string | undefined, @Res() reply: FastifyReply,
  ): Promise<void> {
    const entry = await this.outputs.file({ path, store }, file);
    const { sizeBytes, modifiedAt, version } = entry;
    const etag = `"${version}"`;
    const range = only === undefined || only === etag ? byteRange(asked, sizeBytes) : undefined;
    void reply.header('accept-ranges', 'bytes').header('etag', etag).header('last-modified', new Date(modifiedAt).toUTCString()).header('content-type', 'application/octet-stream');
    if (range === null) {
      await reply.status(416).header('content-range', `bytes */${sizeBytes}`).send('');
      return;
    }
    const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
    if (range) void reply.status(206).header('content-range', `bytes ${start}-${end}/${sizeBytes}`);
    const { content, sha256 } = await this.#content(entry, store, start, end);
    if (sha256 !== undefined) void reply.header('repr-digest', `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`);
    await reply.header('content-length', end - start + 1).send(content);
  }

  @Get('digest')
  async digest(@Query() { path = '', store }: AskedPlace, @Query('file') file = '', @Res() reply: FastifyReply): Promise<void> {
    const found = await this.outputs.file({ path, store }, file);
    const told = this.digests.of(found, store).then(({ entry: { sizeBytes, version }, sha256 }) => {
      return JSON.stringify({ path: file, size_bytes: sizeBytes, version, sha256 } satisfies OutputsDigestBody);
    });
    await reply.header('content-type', 'application/json').send(Readable.from(inTime(told), { objectMode: false }));
  }

  @Get('link')
  async link(@Query() { path = '', store }: AskedPlace, @Query('file') file = '', @Query('seconds') seconds = ''): Promise<{ url: string }> {
    return { url: await this.outputs.link({ path, store }, file, Number(seconds)) };
  }

  async #content(entry: FileEntry, store: string | undefined, start: number, end: number): Promise<{ content: Readable | Buffer; sha256: string | undefined }> {
    const { sizeBytes } = entry;
    if (sizeBytes <= smallBytes) {
      const all = sizeBytes === 0 ? Buffer.alloc(0) : await buffer(await this.outputs.read(entry, store, { start: 0, end: sizeBytes - 1 }));
      if (all.length < sizeBytes) throw endedEarly(sizeBytes - all.length);
      return { content: all.subarray(start, end + 1), sha256: createHash('sha256').update(all).digest('hex') };
    }
    const isWhole = end - start + 1 === sizeBytes;
    const sha256 = this.digests.known(entry, store);
    const passing = isWhole && sha256 === undefined ? this.digests.passing(entry, store) : undefined;
    return { content: wholly(await this.outputs.read(entry, store, { start, end }), end - start + 1, passing), sha256 };
  }
}

async function* linesOf(files: AsyncIterable<FileEntry>, below: string): AsyncGenerator<string> {
  let lines: string[] = [];
  for await (const { path, sizeBytes, modifiedAt, version } of files) {
    const line: OutputsFileBody = { path: path.slice(below.length), size_bytes: sizeBytes, modified_at: modifiedAt, version };
    lines.push(`${JSON.stringify(line)}\n`);
    if (lines.length < linesAtOnce) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

/** A large file takes long to read, and nobody waits for an answer that doesn't begin: blanks before JSON mean nothing. */
async function* inTime(text: Promise<string>): AsyncGenerator<string> {
  text.catch(() => undefined); // thrown where it is waited for
  for (;;) {
    const waiting = new AbortController();
    const told = await Promise.race([text, pause(beatMs, null, { signal: waiting.signal })]).finally(() => waiting.abort());
    yield told ?? ' ';
    if (told !== null) return;
  }
}

/** A file that became shorter than was promised must not look complete: the connection breaks off instead. */
function wholly(content: Readable, length: number, passing?: ReturnType<Digests['passing']>): Readable {
  let missing = length;
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      missing -= chunk.length;
      passing?.seen(chunk);
      done(null, chunk);
    },
    flush(done) {
      if (missing !== 0) return done(endedEarly(missing));
      (passing?.ended() ?? Promise.resolve()).then(() => done(), () => done()); // it can be read again
    },
  });
  return pipeline(content, counted, () => undefined);
}

function endedEarly(missing: number): Error {
  return new Error(`the file ended ${missing} bytes early`);
}
