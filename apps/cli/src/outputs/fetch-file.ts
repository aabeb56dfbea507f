// How does one file of the outputs reach the disk: gone on with where it broke off, and right to the last byte?
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailure, exitCodes } from '../failure.ts';
import { bytesText } from '../progress.ts';
import { backOffMs } from '../transport.ts';
import type { OutputsSource } from './outputs-source.ts';

/** Connections may break so often before anything new has come. */
const breaksMax = 5;
/** So often it may have changed, or have come wrong, before it is given up. */
const versionsMax = 3;

/** What there is of a file, kept beside it until it is whole. */
interface Part {
  readonly etag: string;
  readonly sizeBytes: number;
  /** As far as the gateway told it beforehand. */
  readonly sha256: string | null;
}

export interface Fetched {
  /** Of the content that is here now. */
  readonly version: string;
  readonly sizeBytes: number;
}

/** `target` is there when all of it has arrived and its sha256 is that of the outputs; until then there is `target.part`, from which the next call goes on. `received` is told how many bytes more, or less, are here. */
export async function fetchFile(source: OutputsSource, path: string, target: string, received: (bytes: number) => void): Promise<Fetched> {
  for (let tries = 1; ; tries += 1) {
    const part = await receive(source, path, target, received);
    const verdict = await verdictOn(source, path, target, part);
    if (verdict === 'right') {
      await rename(partOf(target), target);
      await rm(noteOf(target), { force: true });
      return { version: part.etag.replaceAll('"', ''), sizeBytes: part.sizeBytes };
    }
    await rm(partOf(target), { force: true });
    received(-part.sizeBytes);
    if (tries === versionsMax) throw verdict === 'changed' ? changing(source, path) : damaged(path);
  }
}

/** All of one version, over as many connections as it takes. */
async function receive(source: OutputsSource, path: string, target: string, received: (bytes: number) => void): Promise<Part> {
  received((await bytesOf(partOf(target))) ?? 0);
  let problem: Error | null = null;
  for (let breaks = 0; ; ) {
    const here = await bytesOf(partOf(target));
    const begun = here === null ? null : await noted(target);
    if (begun && here === begun.sizeBytes) return begun;
    if (breaks > breaksMax) throw incomplete(target, problem?.message ?? 'it is shorter than was said', here ?? 0);
    if (breaks > 0) await delay(backOffMs(breaks));
    problem = await receiveMore(source, path, target, { begun, here: here ?? 0 }, received);
    const isFurther = ((await bytesOf(partOf(target))) ?? 0) > (here ?? 0);
    breaks = problem && isFurther ? 1 : breaks + 1;
  }
}

/** Behind what is here, as long as that is of the same content, else from the beginning. What broke the connection off; null: nothing did. */
async function receiveMore(source: OutputsSource, path: string, target: string, { begun, here }: { begun: Part | null; here: number }, received: (bytes: number) => void): Promise<Error | null> {
  const isUsable = begun !== null && here > 0 && here < begun.sizeBytes;
  const { body } = await source.open(path, isUsable ? { range: `bytes=${here}-`, 'if-range': begun.etag } : {});
  const { etag = '', 'content-range': range = '', 'content-length': length, 'repr-digest': digest } = body.headers;
  const goesOn = isUsable && body.statusCode === 206 && etag === begun.etag && range.startsWith(`bytes ${here}-`);
  if (!goesOn) {
    await rm(partOf(target), { force: true });
    received(-here);
    await writeFile(noteOf(target), JSON.stringify({ etag, sizeBytes: Number(length), sha256: sha256In(digest) } satisfies Part));
  }
  let broken: Error | null = null;
  body.on('error', (error) => (broken = error)).on('data', (chunk: Buffer) => received(chunk.length));
  await pipeline(body, createWriteStream(partOf(target), { flags: goesOn ? 'a' : 'w', flush: true })).catch((error: unknown) => {
    if (!broken) throw error; // the disk here, not the way there
  });
  return broken;
}

async function verdictOn(source: OutputsSource, path: string, target: string, { etag, sha256 }: Part): Promise<'right' | 'changed' | 'wrong'> {
  const told = sha256 === null ? await source.digest(path) : { sha256, version: etag.replaceAll('"', '') };
  if (told.sha256 === null || `"${told.version}"` !== etag) return 'changed';
  return told.sha256 === (await sha256Of(partOf(target))) ? 'right' : 'wrong';
}

/** What lies on the disk, not what went by. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

export function partOf(target: string): string {
  return `${target}.part`;
}

export function noteOf(target: string): string {
  return `${target}.part.json`;
}

async function noted(target: string): Promise<Part | null> {
  try {
    const { etag, sizeBytes, sha256 } = JSON.parse(await readFile(noteOf(target), 'utf8')) as Partial<Part>;
    return etag && typeof sizeBytes === 'number' ? { etag, sizeBytes, sha256: sha256 ?? null } : null;
  } catch {
    return null; // then it is begun again
  }
}

async function bytesOf(file: string): Promise<number | null> {
  return stat(file).then(({ size }) => size, () => null);
}

function sha256In(header: string | string[] | undefined): string | null {
  const [, base64] = /sha-256=:([^:]+):/.exec(String(header ?? '')) ?? [];
  return base64 ? Buffer.from(base64, 'base64').toString('hex') : null;
}

function incomplete(target: string, message: string, bytes: number): CommandFailure {
  const kept = bytes > 0 ? `; ${bytesText(bytes)} of it are in ${partOf(target)}` : '';
  return new CommandFailure('download-incomplete', exitCodes.failure, `${target} was not downloaded: ${message}${kept}`, 'run the command again: it goes on there');
}

function changing({ experiment }: OutputsSource, path: string): CommandFailure {
  const fix = `polyaxon experiment -xp ${experiment.id} outputs cat ${path} gives it as it is at the moment`;
  return new CommandFailure('download-changing', exitCodes.failure, `${path} is being written: it was another one each of the ${versionsMax} times it was downloaded`, fix);
}

function damaged(path: string): CommandFailure {
  return new CommandFailure('download-damaged', exitCodes.failure, `${path} arrived with a wrong sha256, ${versionsMax} times`, 'look at the way to the gateway, and at the disk here');
}
