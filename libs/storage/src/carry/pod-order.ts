// What are the containers beside a program told, when it runs in a pod?
import type { CheckpointSeen } from './checkpoint-watch.ts';
import type { CarryDone, CarryOrder } from './notes.ts';

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
  /** How far it is, an `AttemptReportBody`, is sent there by PUT while its program runs; not given: nobody wants to know. */
  readonly reportAddress?: string;
  /** Build steps come before its program. */
  readonly isBuilding?: true;
  /** What it is to go on from, by absolute path: whether its program reads it is looked at. mayTouch: what its files are like is nobody else's business. */
  readonly checkpoint?: { readonly folder: string; readonly parts: readonly string[]; readonly mayTouch: boolean };
  /** What it has printed is sent there by PUT; it has a query already, `&offset=` and `&size=` are added. */
  readonly consoleAddress: string;
  /** Its replicas, by JOB_COMPLETION_INDEX: `&replica=` is added; not given: it is the only one. */
  readonly replicas?: readonly string[];
  /** Null: outputs are where they are kept, and none are brought. */
  readonly carry: Omit<CarryOrder, 'notes'> | null;
  /** What is to be done after the program has ended, the last carry with it, may take so long. */
  readonly lastSeconds: number;
}

/** What is brought into the pod that builds an image. JSON, too. */
export interface BuildOrder extends Pick<PodOrder, 'run' | 'notes' | 'tokenFile' | 'code'> {
  /** What the Dockerfile in `docker` of `run` begins with: one of the code, or an image. */
  readonly base: { readonly dockerfile: string } | { readonly image: string };
  /** The folder of the code that the build sees. */
  readonly context: string;
  /** What it goes on with. */
  readonly lines: readonly string[];
  /** Further files in `docker`, for the builder. */
  readonly files: Readonly<Record<string, string>>;
}

/** What the carrier says itself in its log begins so, and ends with the line: no program prints that. */
export const ownLine = '\u001e[carrier] ';

/** The termination message of the carrier, as JSON; of one that was killed, how far it was. */
export interface PodEnd {
  /** Null: nothing was to be carried, or it isn't done. */
  readonly carried: CarryDone | null;
  /** All is carried, and all that was printed is with the log-collector. */
  readonly isWhole: boolean;
  /** So many bytes of the console are with the log-collector. */
  readonly consoleBytes: number;
  /** So many there are. */
  readonly consoleSizeBytes: number;
  /** So many of them are in the carrier's own log, which kubelet keeps while the pod is there, beside lines of its own that begin as `ownLine` does. Not given: an older one doesn't say. */
  readonly echoedBytes?: number;
  /** As attempt.sh left it; null: it was killed before it could. */
  readonly exitCode: number | null;
  /** Somebody had asked its program to end before it had; not given: an older one doesn't say. */
  readonly wasAsked?: boolean;
  /** Its build steps did not all succeed: the latest that was begun, as `2 of 3 (make)`. */
  readonly buildStep?: string;
  /** What was printed last, of a command that was not there or could not be run (exit code 126 or 127). */
  readonly tail?: string;
  /** When it was given one. */
  readonly checkpoint?: CheckpointSeen;
}

/** Of the container that brings things in: whether another attempt may have more luck. */
export const bringExitCode = { passing: 1, lasting: 2 } as const;
