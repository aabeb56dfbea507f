// What are the containers beside a program told, when it runs in a pod?
import type { CarryOrder } from './notes.ts';

/** What is where in a pod. Each is a folder that it gives to those of its containers who need it. */
export const podFolders = { run: '/polyaxon/run', carrier: '/polyaxon/carrier', secret: '/polyaxon/secret' } as const;
export const podOrderFile = `${podFolders.secret}/order`;
export const podTokenFile = `${podFolders.secret}/token`;

/** JSON in a file that the program can't see: there are secrets in it. */
export interface PodOrder {
  /** `code`, `console`, `exit`, `attempt.sh` and `python` (the client) are in it, and `references` of outputs that are brought. */
  readonly run: string;
  /** Where a carrier may write down what only it needs; `CarryNotes` are in `carry` of it. */
  readonly notes: string;
  /** Holds the token of the attempt, for both addresses. */
  readonly tokenFile: string;
  /** An archive to unpack, answered to GET; null: it runs without code. */
  readonly code: { readonly address: string; readonly revision: string } | null;
  /** What it has printed is sent there by PUT; it has a query already, `&offset=` and `&size=` are added. */
  readonly consoleAddress: string;
  /** Null: outputs are where they are kept, and none are brought. */
  readonly carry: Omit<CarryOrder, 'notes'> | null;
  /** What is to be done after the program has ended, the last carry with it, may take so long. */
  readonly lastSeconds: number;
}
