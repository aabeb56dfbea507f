// How does a copy from another store grow in a folder beside its target?
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { piecesOf, placeOf, type Arriving, type Landed, type Landing } from '../between/landing.ts';
import type { CopyReport } from '../storage.ts';
import { copyFailure } from './copy-failure.ts';
import { earlierReport, receiptOf, targetExists, writeReceipt } from './receipt.ts';
import { removeTree } from './remove-tree.ts';
import { takeOver, unfinishedOf } from './unfinished.ts';
import { walk } from './walk.ts';
import { flushFolder } from './write-whole.ts';

const journalName = '.journal.polyaxon.tmp';
const nameBytesMax = 255;
const run = promisify(execFile);

/** A piece that has landed, and of which content. */
interface Line {
  readonly path: string;
  readonly version: string;
  readonly piece: number;
  readonly sum: string;
}

/** What the journal tells is believed only when the sum of what is on the disk says the same: nothing is flushed before the end. */
export class VolumeLanding implements Landing {
  readonly #unfinished: string;
  #journal: FileHandle | undefined;
  readonly #lines = new Map<string, Line[]>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly root: string,
    /** A real path. */
    private readonly target: string,
    private readonly request: string,
    private readonly attempt: number,
  ) {
    this.#unfinished = unfinishedOf(target, attempt);
  }

  async begin(): Promise<CopyReport | undefined> {
    const earlier = await earlierReport(this.target, this.request);
    return earlier ?? this.#said(this.#begin());
  }

  async #begin(): Promise<undefined> {
    await mkdir(dirname(this.target), { recursive: true });
    await takeOver(this.target, this.attempt);
    await mkdir(this.#unfinished, { recursive: true });
    const journal = join(this.#unfinished, journalName);
    for (const line of linesOf(await readFile(journal, 'utf8').catch(() => ''))) this.#lines.set(line.path, [...(this.#lines.get(line.path) ?? []), line]);
    this.#journal = await open(journal, 'a', 0o600);
    return undefined;
  }

  refuses(path: string): string | undefined {
    return path.split('/').some((segment) => Buffer.byteLength(segment) > nameBytesMax) ? `is longer than the ${nameBytesMax} bytes that a volume can hold` : undefined;
  }

  async expect(files: readonly Arriving[]): Promise<ReadonlyMap<string, Landed>> {
    const landed = new Map<string, Landed>();
    for (const file of files) {
      const lines = this.#lines.get(file.path) ?? [];
      const ours = lines.filter(({ version }) => version === file.etag);
      if (ours.length < lines.length) await this.drop([file]); // some of it is of another content
      else if (ours.length > 0) landed.set(file.path, { pieces: await this.#right(file, ours) });
    }
    return landed;
  }

  async #right(file: Arriving, lines: readonly Line[]): Promise<ReadonlyMap<number, string>> {
    const right = new Map<number, string>();
    const handle = await open(join(this.#unfinished, file.path), 'r').catch(() => undefined);
    if (handle === undefined) return right;
    try {
      for (const { piece, sum } of lines) {
        if (piece >= piecesOf(file)) continue;
        const { start, length } = placeOf(file, piece);
        const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, start);
        if (bytesRead === length && createHash('md5').update(buffer).digest('hex') === sum) right.set(piece, sum);
      }
    } finally {
      await handle.close();
    }
    return right;
  }

  async land(file: Arriving, piece: number, bytes: Buffer, sum: string): Promise<void> {
    await this.#said(this.#write(file, piece, bytes));
    await this.#said(this.#note({ path: file.path, version: file.etag, piece, sum }));
  }

  async #write(file: Arriving, piece: number, bytes: Buffer): Promise<void> {
    const place = join(this.#unfinished, file.path);
    await mkdir(dirname(place), { recursive: true });
    const handle = await open(place, piece === 0 && piecesOf(file) === 1 ? 'w' : await openFlags(place), 0o644);
    try {
      const { start } = placeOf(file, piece);
      for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done, bytes.length - done, start + done)).bytesWritten;
    } finally {
      await handle.close();
    }
  }

  async close(file: Arriving): Promise<void> {
    const handle = await open(join(this.#unfinished, file.path), 'r+');
    await handle.truncate(file.sizeBytes).finally(() => handle.close());
  }

  async drop(files: readonly Arriving[]): Promise<void> {
    for (const { path } of files) {
      await rm(join(this.#unfinished, path), { force: true });
      this.#lines.delete(path);
    }
  }

  async there(): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>();
    for await (const found of walk(this.#unfinished)) if (found.kind === 'file') sizes.set(found.entry.path, found.entry.sizeBytes);
    return sizes;
  }

  /** One flush of the file system, then one step. */
  async show(report: CopyReport): Promise<CopyReport> {
    return this.#said(this.#show(report));
  }

  async #show(report: CopyReport): Promise<CopyReport> {
    await this.#journal?.close();
    this.#journal = undefined;
    await rm(join(this.#unfinished, journalName), { force: true });
    await run('sync', ['-f', this.#unfinished]);
    await writeReceipt(this.target, this.request, this.#unfinished, report);
    await rename(this.#unfinished, this.target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') await rm(receiptOf(this.target), { force: true }); // taken over: then it is that of the other
      throw ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(error.code ?? '') ? targetExists(this.target) : error;
    });
    await flushFolder(dirname(this.target));
    return report;
  }

  async clear(): Promise<void> {
    await this.#journal?.close();
    this.#journal = undefined;
    await removeTree(this.#unfinished);
  }

  failure(error: unknown): unknown {
    return error; // what the disk said has its words already; anything else is the source's
  }

  async #said<Answer>(work: Promise<Answer>): Promise<Answer> {
    return work.catch((error: unknown) => {
      throw copyFailure(error, this.root);
    });
  }

  /** One line after the other. */
  async #note(line: Line): Promise<void> {
    this.#last = this.#last.then(() => this.#journal?.appendFile(`${JSON.stringify(line)}\n`));
    await this.#last;
  }
}

/** The last line may have been cut off with its copier. */
function linesOf(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
}

/** Pieces come in any order, so none may cut off what is there. */
async function openFlags(place: string): Promise<'r+' | 'w'> {
  const handle = await open(place, 'a', 0o644);
  await handle.close();
  return 'r+';
}
