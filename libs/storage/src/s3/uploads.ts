// Which uploads in parts does nobody finish, and how does the store get back what they occupy?
import type { Upload } from './answers.ts';
import type { Bucket } from './bucket.ts';
import { codeOf } from './connection.ts';
import { Notes } from './notes.ts';
import type { Places } from './places.ts';

interface Found {
  readonly key: string;
  readonly id: string;
}

/** Some stores list the uploads of exact keys only, so whoever knows keys names them beside the prefix. */
export async function abortUploads(bucket: Bucket, prefixes: readonly string[]): Promise<void> {
  for (const prefix of prefixes) {
    const found: Found[] = [];
    for await (const { key, id } of listed(bucket, prefix)) found.push({ key, id });
    for (const { key, id } of found) await bucket.abortUpload(key, id);
  }
}

/** All that were ever begun into the target: what is listed below it, what was noted, and, of the large keys that were noted, what only their listing shows. */
export async function abortUploadsInto(bucket: Bucket, places: Places, target: string, largePaths: Iterable<string>): Promise<void> {
  const folder = places.folder(target);
  for (const { path, uploadId } of await Notes.uploads(bucket, places, target)) await bucket.abortUpload(folder + path, uploadId);
  await abortUploads(bucket, [folder, ...new Set([...largePaths].map((path) => folder + path))]);
}

/** Those begun before then, which nobody finishes any more; how many those were. */
export async function abortOldUploads(bucket: Bucket, places: Places, before: string): Promise<number> {
  const isOld = (time: string): boolean => Date.parse(time) < Date.parse(before);
  const old = new Map<string, string>();
  // MinIO lists the uploads of an exact key, or of all the bucket: it knows no prefix.
  for (const prefix of new Set([places.root, ''])) {
    for await (const { key, id, startedAt } of listed(bucket, prefix)) if (key.startsWith(places.root) && isOld(startedAt)) old.set(id, key);
  }
  for (const [id, key] of old) await bucket.abortUpload(key, id);
  return old.size + (await abortNoted(bucket, places, isOld, old));
}

/** The note stays: a copier that comes after all finds that its upload is gone, and begins another. */
async function abortNoted(bucket: Bucket, places: Places, isOld: (time: string) => boolean, done: ReadonlyMap<string, string>): Promise<number> {
  let count = 0;
  for await (const { key: note, modifiedAt } of bucket.objects(places.allNotes)) {
    if (!places.isUpload(note) || !isOld(modifiedAt)) continue;
    const text = await bucket.getText(note);
    if (text === undefined) continue;
    const { path, uploadId } = JSON.parse(text) as { path: string; uploadId: string };
    const target = note.slice(places.allNotes.length, note.lastIndexOf('/'));
    const key = places.folder(target) + path;
    const isThere = !done.has(uploadId) && (await bucket.parts(key, uploadId)) !== undefined;
    if (!isThere) continue;
    await bucket.abortUpload(key, uploadId);
    count += 1;
  }
  return count;
}

/** Whoever may not ask for them has the notes. */
async function* listed(bucket: Bucket, prefix: string): AsyncGenerator<Upload> {
  try {
    yield* bucket.uploads(prefix);
  } catch (error) {
    if (codeOf(error) !== 'AccessDenied') throw error;
  }
}
