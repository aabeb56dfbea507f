// What is to be done so that a folder becomes like the outputs?
import type { OutputsFileBody } from '#contracts';
import { noteOf, partOf } from './fetch-file.ts';

export interface LocalFile {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/** As it was when it arrived. */
export interface SyncedFile extends LocalFile {
  readonly version: string;
}

export interface SyncPlan {
  readonly fetched: readonly OutputsFileBody[];
  /** As large as here, and nobody knows whether it is the same: their sha256 tells. */
  readonly compared: readonly OutputsFileBody[];
  readonly same: number;
  /** Files here that the outputs don't have. */
  readonly extra: readonly string[];
}

/** A file is the same without a look into it when nobody has touched it here since this very version arrived. */
export function planSync(files: readonly OutputsFileBody[], here: ReadonlyMap<string, LocalFile>, synced: ReadonlyMap<string, SyncedFile>): SyncPlan {
  const fetched: OutputsFileBody[] = [];
  const compared: OutputsFileBody[] = [];
  let same = 0;
  for (const file of files) {
    const [local, known] = [here.get(file.path), synced.get(file.path)];
    if (local?.sizeBytes !== file.size_bytes) fetched.push(file);
    else if (known?.version === file.version && known.mtimeMs === local.mtimeMs && known.sizeBytes === local.sizeBytes) same += 1;
    else compared.push(file);
  }
  const kept = new Set(files.flatMap(({ path }) => [path, partOf(path), noteOf(path)]));
  return { fetched, compared, same, extra: [...here.keys()].filter((path) => !kept.has(path)).sort() };
}
