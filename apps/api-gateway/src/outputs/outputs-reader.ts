// What is in an outputs path? The storage-manager knows.
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import type { CopyProgressBody, CopyTaskBody, FilesComparison, OutputsFileBody, OutputsSummary, OutputsTreeBody, StoreBody } from '#contracts';
import { Refusal } from '#decider';
import type { Peer } from '../http/peer.ts';

/** Of one experiment, and all its resumes. */
export interface Outputs {
  readonly outputsPath: string;
  readonly outputsStore: string;
}

export class OutputsReader {
  constructor(private readonly storageManager: Peer) {}

  store(name: string, signal: AbortSignal): Promise<StoreBody> {
    return this.storageManager.json({ path: '/internal/outputs/store', query: { name }, signal });
  }

  summary(outputs: Outputs, from?: string): Promise<OutputsSummary> {
    return this.storageManager.json({ path: '/internal/outputs/summary', query: { ...placeOf(outputs), from } });
  }

  /** When it was written; null: there is none. */
  async newestCheckpoint(outputs: Outputs): Promise<string | null> {
    return (await this.storageManager.json<{ modifiedAt: string | null }>({ path: '/internal/outputs/newest_checkpoint', query: placeOf(outputs) })).modifiedAt;
  }

  tree(outputs: Outputs, folder: string): Promise<OutputsTreeBody> {
    return this.storageManager.json({ path: '/internal/outputs/tree', query: { ...placeOf(outputs), folder } });
  }

  compare(before: Outputs, after: Outputs): Promise<FilesComparison> {
    return this.storageManager.json({ path: '/internal/outputs/difference', query: { ...placeOf(before), with: after.outputsPath, with_store: after.outputsStore } });
  }

  file(outputs: Outputs, file: string, headers: { readonly range?: string | undefined; readonly 'if-range'?: string | undefined }): Promise<Response> {
    return this.storageManager.get({ path: '/internal/outputs/file', query: { ...placeOf(outputs), file }, headers, passed: [416] });
  }

  /** Every file below, one JSON object a line. */
  list(outputs: Outputs, folder: string): Promise<Response> {
    return this.storageManager.get({ path: '/internal/outputs/list', query: { ...placeOf(outputs), folder } });
  }

  /** Counted as it is listed, however long that takes. Of a path where nothing is: nothing. */
  async usage(outputs: Outputs): Promise<{ readonly files: number; readonly size_bytes: number }> {
    let [files, size] = [0, 0];
    try {
      const { body } = await this.list(outputs, '');
      for await (const line of createInterface({ input: Readable.fromWeb(body as never) })) {
        if (line === '') continue;
        files += 1;
        size += (JSON.parse(line) as OutputsFileBody).size_bytes;
      }
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'path-not-found') throw error;
    }
    return { files, size_bytes: size };
  }

  digest(outputs: Outputs, file: string): Promise<Response> {
    return this.storageManager.get({ path: '/internal/outputs/digest', query: { ...placeOf(outputs), file } });
  }

  link(outputs: Outputs, file: string, seconds: number): Promise<{ readonly url: string }> {
    return this.storageManager.json({ path: '/internal/outputs/link', query: { ...placeOf(outputs), file, seconds } });
  }

  archive(outputs: Outputs): Promise<Response> {
    return this.storageManager.get({ path: '/internal/outputs/archive', query: placeOf(outputs) });
  }

  /** All that are not complete yet, whoever may see them. */
  copies(): Promise<CopyTaskBody[]> {
    return this.storageManager.json({ path: '/internal/outputs/copies', query: {} });
  }

  copyProgress(experimentId: number): Promise<CopyProgressBody> {
    return this.storageManager.json({ path: '/internal/outputs/copy_progress', query: { experimentId } });
  }
}

function placeOf({ outputsPath: path, outputsStore: store }: Outputs): { path: string; store: string } {
  return { path, store };
}
