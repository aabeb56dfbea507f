// How does a file of the gateway reach the disk, complete or not at all?
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Query } from './api-client.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import { bytesText, progress } from './progress.ts';
import type { Session } from './session.ts';

/** A body cut short leaves no file behind: it arrives under another name and gets its own when it is whole. */
export async function download(
  session: Session,
  path: string,
  target: string,
  query: Query = {},
): Promise<{ readonly file: string; readonly size_bytes: number }> {
  const { body, sizeBytes } = await session.api.download(path, query);
  const bar = await progress(session.out, `downloading ${target}`, { bytes: sizeBytes });
  const part = `${target}.part-${process.pid}`;
  let received = 0;
  try {
    body.on('data', (chunk: Buffer) => bar.update((received += chunk.length)));
    await pipeline(body, createWriteStream(part));
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandFailure(
      'download-incomplete',
      exitCodes.failure,
      `${target} was not downloaded: ${code ?? message} after ${bytesText(received)}`,
      'run the command again',
    );
  } finally {
    bar.end();
  }
  session.out.notice(`${target}, ${bytesText(received)}`);
  return { file: target, size_bytes: received };
}
