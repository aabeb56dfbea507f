// Who is handed what an attempt elsewhere has printed? The log-collector keeps it.
import type { Peer } from '../http/peer.ts';

export interface ConsolePiece {
  readonly experimentId: number;
  readonly attempt: number;
  readonly replica?: string | undefined;
  readonly offset: number;
  readonly size: number;
  /** Kept on disk before it is answered. */
  readonly last?: 1 | undefined;
}

export interface Receipt {
  readonly receivedBytes: number;
  readonly isGap: boolean;
}

export class ConsoleSender {
  constructor(private readonly logCollector: Peer) {}

  send({ experimentId, attempt, ...query }: ConsolePiece, bytes: Buffer): Promise<Receipt> {
    return this.logCollector.json<Receipt>({ path: `/internal/consoles/${experimentId}/${attempt}`, query: { ...query }, put: bytes });
  }
}
