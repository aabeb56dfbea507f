// Which file holds what an experiment printed, and is it really that one?
import { constants } from 'node:fs';
import { mkdir, open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runLogPath } from '#layout';

/** One to read, wherever it is. */
export interface LogFile {
  /** `mtime` is not known of what is kept elsewhere. */
  stat(): Promise<{ readonly size: number; readonly mtime?: Date }>;
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly buffer: Buffer; readonly bytesRead: number }>;
  close(): Promise<void>;
}

/** A run may write in its own logs path, so a link there may lead anywhere: it is never followed. `root` is a real path. */
async function openFile(root: string, logsPath: string, flags: number): Promise<FileHandle> {
  const path = join(root, runLogPath(logsPath));
  const folder = dirname(path);
  if ((await realpath(folder)) !== folder) throw new Error(`the logs path ${logsPath} leads through a link`);
  return open(path, flags | constants.O_NOFOLLOW, 0o640);
}

/** Made when it isn't there, with its folder. */
export async function openToWrite(root: string, logsPath: string): Promise<FileHandle> {
  await mkdir(join(root, logsPath), { recursive: true });
  return openFile(root, logsPath, constants.O_RDWR | constants.O_CREAT);
}

/** Null: there is none yet, or none any more. */
export async function openToRead(root: string, logsPath: string): Promise<FileHandle | null> {
  return openFile(root, logsPath, constants.O_RDONLY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
}

/** Everything from `start` up to `end`, by offset: nobody else's reading or writing moves it. */
export async function* pieces(file: LogFile, start: number, end: number, buffer: Buffer): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

export async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
}
