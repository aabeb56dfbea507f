// Is what is under this name the copy that was asked for?
import { CopyFailed, type CopyOptions, type CopyReport } from '../storage.ts';
import type { S3Copy } from './copy-folder.ts';
import { Notes } from './notes.ts';

export function requestOf(source: string, options: CopyOptions): string {
  return JSON.stringify([source, options.select ?? null]);
}

/** The report when this very copy is there, undefined when the target is free or half made, else `target-exists`. A copier that died right after its receipt is finished for. */
export async function earlierReport({ bucket, places, target }: Pick<S3Copy, 'bucket' | 'places' | 'target'>, request: string): Promise<CopyReport | undefined> {
  const text = await bucket.getText(places.receipt(target));
  if (text === undefined) return undefined;
  let isEmpty = true;
  for await (const { objects } of bucket.pages(places.folder(target))) {
    isEmpty = objects.length === 0;
    break;
  }
  if (isEmpty) {
    await bucket.delete([places.receipt(target)]); // of a folder that went without this tree's doing
    return undefined;
  }
  const receipt = JSON.parse(text) as { request: string; report: CopyReport };
  if (receipt.request !== request) throw targetExists(target);
  await Notes.end(bucket, places, target);
  return receipt.report;
}

export function targetExists(target: string): CopyFailed {
  return new CopyFailed('target-exists', `${JSON.stringify(target.split('/').at(-1))} holds files that are not a copy of this source.`);
}
