// Is the folder that is there the copy that was asked for?
import { lstat, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { receiptName } from '../paths.ts';
import { CopyFailed, type CopyOptions, type CopyReport } from '../storage.ts';
import { readFolder, statOf } from './walk.ts';
import { writeWhole } from './write-whole.ts';

/**
 * The source may have moved on and the run may have trained in the copy, so neither can tell. The receipt lies beside the target, names what
 * was asked for, and knows the folder by its inode: one that somebody else made under that name is not it.
 */
interface Receipt {
  readonly request: string;
  readonly inode: number;
  readonly report: CopyReport;
}

export function requestOf(source: string, options: CopyOptions): string {
  return JSON.stringify([source, options.select ?? null]);
}

export function receiptOf(target: string): string {
  return join(dirname(target), receiptName(basename(target)));
}

export async function writeReceipt(target: string, request: string, unfinished: string, report: CopyReport): Promise<void> {
  const { ino } = await lstat(unfinished);
  await writeWhole(receiptOf(target), Buffer.from(JSON.stringify({ request, inode: ino, report } satisfies Receipt)));
}

/** The report when this very copy is there, undefined when the target is free, else `target-exists`. */
export async function earlierReport(target: string, request: string): Promise<CopyReport | undefined> {
  const stat = await statOf(target);
  if (stat === undefined) return undefined;
  const receipt = await readReceipt(target);
  if (receipt?.request === request && receipt.inode === stat.ino) return receipt.report;
  if (stat.isDirectory() && (await readFolder(target)).length === 0) return undefined;
  throw targetExists(target);
}

export function targetExists(target: string): CopyFailed {
  return new CopyFailed('target-exists', `${JSON.stringify(basename(target))} holds files that are not a copy of this source.`);
}

async function readReceipt(target: string): Promise<Receipt | undefined> {
  const text = await readFile(receiptOf(target), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Receipt);
}
