// Is this uploaded archive only files, all of them inside, and which revision are they?
import { createHash } from 'node:crypto';
import { createGunzip, type Gunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { limits } from '#contracts';
import { Refusal } from '#decider';

export interface ArchiveFacts {
  /** Over paths, executable bits and contents: the same files are the same revision, whatever packed them, and when. */
  readonly revision: string;
  readonly files: number;
  /** Unpacked. */
  readonly sizeBytes: number;
}

export interface CodeFile {
  /** Of the revision: the same line is the same file. */
  readonly line: string;
  readonly sizeBytes: number;
}

export interface ArchiveLimits {
  readonly unpackedBytes: number;
  readonly entries: number;
}

/** More than this many bytes from one is a bomb, once there are more than a few. */
const ratioMax = 200;
const ratioFromBytes = 64 * 1024 * 1024;
const depthMax = 64;

/**
 * Fed with the archive as it arrives, nothing of it is kept in memory but names and digests. `write` resolves when more can be taken, and rejects with what is wrong
 * and where; `end` tells what it was.
 */
export class ArchiveReader {
  readonly #gunzip: Gunzip = createGunzip();
  readonly #parser: Parser;
  readonly #files = new Map<string, CodeFile>();
  /** Names as a file system that ignores case and spelling of accents sees them, with what they are. */
  readonly #taken = new Map<string, { readonly path: string; readonly isFolder: boolean }>();
  readonly #ended: Promise<void>;
  #problem: Refusal | undefined;
  #entries = 0;
  #sizeBytes = 0;
  #packedBytes = 0;
  #unpackedBytes = 0;

  constructor(private readonly max: ArchiveLimits = { unpackedBytes: limits.unpackedCodeBytes, entries: limits.codeFiles }) {
    this.#parser = new Parser({ strict: true, maxDecompressionRatio: Infinity, onReadEntry: (entry) => this.#enter(entry) });
    this.#ended = new Promise((resolve) => {
      this.#parser.once('end', resolve);
      this.#parser.on('error', (error: Error) => this.#fail(invalid(`it is not a whole tar archive: ${error.message}`)));
      this.#gunzip.on('error', (error: Error) => {
        this.#fail(invalid(`it is not a whole gzip archive: ${error.message}`));
        resolve();
      });
      this.#gunzip.on('data', (chunk: Buffer) => this.#unpacked(chunk));
      this.#gunzip.on('end', () => {
        if (this.#problem) resolve();
        else this.#parser.end();
      });
      this.#gunzip.on('close', resolve);
    });
  }

  async write(chunk: Buffer): Promise<void> {
    this.#throwProblem();
    this.#packedBytes += chunk.length;
    if (!this.#gunzip.write(chunk) && !this.#problem) await this.#drained();
    this.#throwProblem();
  }

  async end(): Promise<ArchiveFacts> {
    this.#gunzip.end();
    await this.#ended;
    this.#throwProblem();
    if (this.#files.size === 0) throw invalid('it holds no files');
    const revision = createHash('sha256');
    for (const path of [...this.#files.keys()].sort(byBytes)) revision.update(this.#files.get(path)?.line ?? '');
    return { revision: revision.digest('hex'), files: this.#files.size, sizeBytes: this.#sizeBytes };
  }

  /** By their paths; all of them once `end` has resolved. */
  get contents(): ReadonlyMap<string, CodeFile> {
    return this.#files;
  }

  /** Whatever was begun is let go. */
  destroy(): void {
    this.#gunzip.destroy();
  }

  #throwProblem(): void {
    if (this.#problem) throw this.#problem;
  }

  /** Or given up. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#gunzip.off('drain', done).off('close', done);
        resolve();
      };
      this.#gunzip.on('drain', done).on('close', done);
    });
  }

  #unpacked(chunk: Buffer): void {
    if (this.#problem) return;
    this.#unpackedBytes += chunk.length;
    if (this.#unpackedBytes > this.max.unpackedBytes) return this.#fail(invalid(`it unpacks to more than ${this.max.unpackedBytes} bytes`));
    if (this.#unpackedBytes > ratioFromBytes && this.#unpackedBytes > this.#packedBytes * ratioMax) return this.#fail(invalid(`it unpacks to more than ${ratioMax} times its size`));
    if (this.#parser.write(chunk)) return;
    this.#gunzip.pause();
    this.#parser.once('drain', () => this.#gunzip.resume());
  }

  #enter(entry: ReadEntry): void {
    const problem = this.#problem ?? this.#problemOf(entry);
    if (problem) {
      this.#fail(problem);
      entry.resume();
      return;
    }
    if (entry.type === 'Directory') {
      entry.resume();
      return;
    }
    const path = partsOf(entry.path).join('/');
    const digest = createHash('sha256');
    let sizeBytes = 0;
    entry.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      this.#sizeBytes += chunk.length;
      digest.update(chunk);
    });
    entry.on('end', () => this.#files.set(path, { line: `${path}\0${(entry.mode ?? 0) & 0o100 ? 'x' : '-'}\0${digest.digest('hex')}\n`, sizeBytes }));
  }

  #problemOf(entry: ReadEntry): Refusal | undefined {
    const shown = JSON.stringify(entry.path.slice(0, 200));
    this.#entries += 1;
    if (this.#entries > this.max.entries) return invalid(`it holds more than ${this.max.entries} files`);
    const isFolder = entry.type === 'Directory';
    if (!isFolder && entry.type !== 'File' && entry.type !== 'OldFile') return invalid(`${shown} is a ${wordFor(entry.type)}; only files and folders are accepted`);
    const parts = partsOf(entry.path);
    if (entry.path.startsWith('/')) return invalid(`${shown} is an absolute path`);
    if (parts.includes('..')) return invalid(`${shown} leads out of the archive`);
    if (entry.path.includes('\0')) return invalid(`${shown} has a NUL in its name`);
    if (entry.path.includes('\ufffd')) return invalid(`${shown} is not UTF-8`);
    if (parts.length > depthMax || parts.some((part) => Buffer.byteLength(part) > 255)) return invalid(`${shown} is too long or too deep`);
    if (parts.length === 0) return isFolder ? undefined : invalid(`${shown} is no name of a file`);
    return this.#clash(parts, isFolder, shown);
  }

  /** The same name twice, also when only by its case, or a file that is a folder elsewhere: unpacked, one would take the other's place. */
  #clash(parts: readonly string[], isFolder: boolean, shown: string): Refusal | undefined {
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const path = parts.slice(0, depth).join('/');
      const folder = isFolder || depth < parts.length;
      const key = path.normalize('NFC').toLowerCase();
      const taken = this.#taken.get(key);
      if (taken && !(folder && taken.isFolder && taken.path === path)) return invalid(`${shown} is there already, as ${JSON.stringify(taken.path.slice(0, 200))}`);
      if (!taken) this.#taken.set(key, { path, isFolder: folder });
    }
    return undefined;
  }

  #fail(problem: Refusal): void {
    this.#problem ??= problem;
    this.#gunzip.destroy();
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function wordFor(type: string): string {
  return type === 'SymbolicLink' ? 'symbolic link' : type === 'Link' ? 'hard link' : type;
}

function invalid(what: string): Refusal {
  return new Refusal('upload-invalid', `the upload is refused: ${what}`, 'polyaxon upload');
}
