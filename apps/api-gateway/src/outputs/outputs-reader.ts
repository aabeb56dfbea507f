// What is in an outputs path? The storage-manager knows.
import type { CopyProgressBody, FilesComparison, OutputsSummary, OutputsTreeBody, StoreBody } from '#contracts';
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

  digest(outputs: Outputs, file: string): Promise<Response> {
    return this.storageManager.get({ path: '/internal/outputs/digest', query: { ...placeOf(outputs), file } });
  }

  link(outputs: Outputs, file: string, seconds: number): Promise<{ readonly url: string }> {
    return this.storageManager.json({ path: '/internal/outputs/link', query: { ...placeOf(outputs), file, seconds } });
  }

  archive(outputs: Outputs): Promise<Response> {
    return this.storageManager.get({ path: '/internal/outputs/archive', query: placeOf(outputs) });
  }

  copyProgress(experimentId: number): Promise<CopyProgressBody> {
    return this.storageManager.json({ path: '/internal/outputs/copy_progress', query: { experimentId } });
  }
}

function placeOf({ outputsPath: path, outputsStore: store }: Outputs): { path: string; store: string } {
  return { path, store };
}
