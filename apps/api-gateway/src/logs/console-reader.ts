// What did a run print? The log-collector knows.
import type { Peer } from '../http/peer.ts';

export interface ConsolePart {
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
  /** A number, or `all`. */
  readonly attempt?: string | undefined;
  /** The last lines only. */
  readonly tail?: number | undefined;
}

export class ConsoleReader {
  constructor(private readonly logCollector: Peer) {}

  /** What there is now. */
  read(experimentId: number, part: ConsolePart): Promise<Response> {
    return this.logCollector.get({ path: path(experimentId), query: { ...part } });
  }

  /** From `offset` on, and what comes, until all is archived. */
  follow(experimentId: number, { offset, attempt }: ConsolePart, signal: AbortSignal): Promise<Response> {
    return this.logCollector.get({ path: path(experimentId), query: { offset, attempt, follow: 1 }, signal });
  }
}

function path(experimentId: number): string {
  return `/internal/logs/${experimentId}`;
}
