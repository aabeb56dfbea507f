// What is in an outputs path? The storage-manager knows.
import type { CopyProgressBody, FilesComparison, OutputsSummary, OutputsTreeBody, StoreBody } from '#contracts';
import type { Peer } from '../http/peer.ts';

export class OutputsReader {
  constructor(private readonly storageManager: Peer) {}

  store(name: string, signal: AbortSignal): Promise<StoreBody> {
    return this.storageManager.json({ path: '/internal/outputs/store', query: { name }, signal });
  }

  summary(outputsPath: string, from?: string): Promise<OutputsSummary> {
    return this.storageManager.json({ path: '/internal/outputs/summary', query: { path: outputsPath, from } });
  }

  /** When it was written; null: there is none. */
  async newestCheckpoint(outputsPath: string): Promise<string | null> {
    return (await this.storageManager.json<{ modifiedAt: string | null }>({ path: '/internal/outputs/newest_checkpoint', query: { path: outputsPath } })).modifiedAt;
  }

  tree(outputsPath: string, folder: string): Promise<OutputsTreeBody> {
    return this.storageManager.json({ path: '/internal/outputs/tree', query: { path: outputsPath, folder } });
  }

  compare(before: string, after: string): Promise<FilesComparison> {
    return this.storageManager.json({ path: '/internal/outputs/difference', query: { path: before, with: after } });
  }

  file(outputsPath: string, file: string, range: string | undefined): Promise<Response> {
    return this.storageManager.get({ path: '/internal/outputs/file', query: { path: outputsPath, file }, headers: { range } });
  }

  archive(outputsPath: string): Promise<Response> {
    return this.storageManager.get({ path: '/internal/outputs/archive', query: { path: outputsPath } });
  }

  copyProgress(experimentId: number): Promise<CopyProgressBody> {
    return this.storageManager.json({ path: '/internal/outputs/copy_progress', query: { experimentId } });
  }
}
