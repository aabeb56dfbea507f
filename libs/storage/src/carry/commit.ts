// How do several changes of a store come to be there as if they were one?
import { isAbsent, type Bucket } from '../s3/bucket.ts';
import { complete } from '../s3/parts.ts';

/** Its content is in the store already, as an upload in parts that nobody sees. */
export interface StagedParts {
  readonly path: string;
  readonly sizeBytes: number;
  readonly uploadId: string;
  readonly etags: readonly string[];
}

/** Small, so it travels with the list. `over`: the ETag of what it replaces; null: nothing. */
export interface StagedText {
  readonly path: string;
  readonly base64: string;
  readonly modified: string;
  readonly over: string | null;
}

/**
 * Written down, whole, before the first of it shows: whoever is there next does what is missing of it. Everything in it can be done twice, and by a carrier that is late it can't be done at all
 * once somebody else has written: an upload completes once, and small content replaces only what it was meant to replace.
 */
export interface Changes {
  readonly additions: readonly (StagedParts | StagedText)[];
  readonly deletions: readonly string[];
}

export const modifiedHeader = 'x-amz-meta-mtime';

/** `isOurs` is asked before something goes: deletions alone have no condition. The ETags of the additions, by path. */
export async function show(bucket: Bucket, from: string, { additions, deletions }: Changes, isOurs: () => Promise<boolean>): Promise<ReadonlyMap<string, string>> {
  const etags = new Map<string, string>();
  const inTheWay = deletions.filter((path) => additions.some((added) => added.path.startsWith(`${path}/`) || path.startsWith(`${added.path}/`)));
  if (inTheWay.length > 0) await remove(bucket, from, inTheWay, isOurs); // a store that keeps files as files can't have both
  for (const added of additions) {
    const etag = await showOne(bucket, from + added.path, added);
    if (etag !== undefined) etags.set(added.path, etag);
  }
  const others = deletions.filter((path) => !inTheWay.includes(path));
  await remove(bucket, from, others.filter((path) => !path.endsWith('/')), isOurs);
  await remove(bucket, from, others.filter((path) => path.endsWith('/')).sort().reverse(), isOurs);
  return etags;
}

/** Undefined: it isn't there any more, because somebody has written after us or cleared it away. */
async function showOne(bucket: Bucket, key: string, added: StagedParts | StagedText): Promise<string | undefined> {
  if ('uploadId' in added) {
    return complete(bucket, key, added.uploadId, added.etags, added.sizeBytes).catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw error;
    });
  }
  const body = Buffer.from(added.base64, 'base64');
  if (!key.endsWith('/')) return bucket.putOver(key, body, added.over, { [modifiedHeader]: added.modified });
  await bucket.put(key, body);
  return 'folder';
}

async function remove(bucket: Bucket, from: string, paths: readonly string[], isOurs: () => Promise<boolean>): Promise<void> {
  if (paths.length === 0 || !(await isOurs())) return;
  await bucket.delete(paths.map((path) => from + path));
}
