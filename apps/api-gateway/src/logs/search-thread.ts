// The other side of log-search.ts: an expression may take its time here.
import { parentPort, workerData } from 'node:worker_threads';
import { MatchingLines, type Kept, type Matches, type Wanted } from './matching-lines.ts';

export interface SearchOrder {
  readonly wanted: Wanted;
  readonly kept: Kept;
}

/** `null` is the end. */
export type SearchAnswer = { readonly taken: true } | { readonly matches: Matches };

const { wanted, kept } = workerData as SearchOrder;
const lines = new MatchingLines(wanted, kept);

parentPort?.on('message', (chunk: Uint8Array | null) => {
  if (chunk) lines.take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  parentPort?.postMessage((chunk ? { taken: true } : { matches: lines.end() }) satisfies SearchAnswer);
});
