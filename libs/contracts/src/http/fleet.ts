// How does the platform itself look over HTTP, for whoever is on call?
import type { Service } from '../topics.ts';

/** GET /about of every service, to those who can reach it. */
export interface ServiceBody {
  readonly service: string;
  readonly version: string;
  readonly started_at: string;
  /** Why it should get no work; empty: it is ready. */
  readonly missing: readonly string[];
  /** What it does without. */
  readonly degraded: readonly string[];
  /** Of the oldest event that it has not reacted to; null: it doesn't know now. */
  readonly lag_seconds: number | null;
}

/** What an experiment, or whoever looks at it, waits for. */
export interface WaitBody {
  /** `queue`: its turn. `work`: something that is under way. `missing`: that somebody does what was asked for. */
  readonly kind: 'queue' | 'work' | 'missing';
  readonly reason: string;
  readonly released_by: string;
  /** Whose move it is. */
  readonly service: Service;
  readonly since: string;
}

export interface WaitingBody extends Omit<WaitBody, 'since'> {
  readonly count: number;
  readonly oldest_since: string;
  /** Those that have waited longest. */
  readonly experiments: readonly { readonly id: number; readonly user: string; readonly project: string; readonly since: string }[];
}

export interface FleetServiceBody {
  readonly service: Service;
  /** Of several instances the number; null: there is one. */
  readonly instance: number | null;
  readonly answers: boolean;
  /** What it said last; null: it has not answered since this gateway began. */
  readonly last: ServiceBody | null;
  readonly last_at: string | null;
}

export interface FlowBody {
  readonly group: Service;
  /** Of the oldest event it has not reacted to; null: nobody knows now. */
  readonly lag_seconds: number | null;
  readonly dead_letters: number;
}

export interface LostWorkBody {
  /** lost: its processes or its machine, in a way that nobody knows more of. */
  readonly cause: 'stopped' | 'failed' | 'out-of-memory' | 'lost' | 'preempted' | 'evicted' | 'node-lost';
  /** How often something went on from a checkpoint that was older than the end. */
  readonly times: number;
  readonly seconds: number;
}

/** Of those that went on after an end: were they given a checkpoint, and has the program read it? */
export interface ResumesBody {
  readonly verdict: 'read' | 'not-read' | 'started-at-zero' | 'unknown' | 'none';
  readonly times: number;
}

/** Outputs that are there, of the projects of one user that hold any. */
export interface StorageHolderBody {
  readonly user: string;
  readonly project: string;
  /** An original and its resumes have one outputs path. */
  readonly outputs: number;
  /** Of those that were measured. */
  readonly measured: number;
  readonly files: number;
  readonly size_bytes: number;
  /** By their originals. */
  readonly biggest: readonly { readonly id: number; readonly size_bytes: number; readonly measured_at: string }[];
}

/** GET /admin/storage: whose outputs take how much room, as far as it was measured by now. */
export interface StorageHeldBody {
  readonly at: string;
  /** That are there at all; the newest 5,000 are measured. */
  readonly outputs: number;
  readonly measured: number;
  readonly size_bytes: number;
  /** Who holds most comes first. */
  readonly holders: readonly StorageHolderBody[];
  /** Holders that are not named here. */
  readonly others: number;
  /** What keeps the rest from being measured; null: nothing. */
  readonly problem: string | null;
}

/** GET /admin/fleet. */
export interface FleetBody {
  readonly at: string;
  readonly waiting: readonly WaitingBody[];
  /** Live experiments that were looked at, at most so many. */
  readonly looked_at: number;
  readonly flow: readonly FlowBody[];
  /** Null: services hear each other through Postgres, nothing is relayed. */
  readonly relay: { readonly events: number; readonly lag_seconds: number } | null;
  /** For runs at once; null: the scheduler does not say. */
  readonly slots: { readonly taken: number; readonly free: number } | null;
  readonly resumes: { readonly days: number; readonly by_verdict: readonly ResumesBody[] };
  readonly lost_work: { readonly days: number; readonly by_cause: readonly LostWorkBody[] };
  readonly refusals: { readonly since: string; readonly by_code: readonly { readonly code: string; readonly count: number; readonly last_at: string; readonly last_detail: string }[] };
  readonly services: readonly FleetServiceBody[];
}

/** One of GET /admin/dead_letters. */
export interface DeadLetterBody {
  readonly consumer_group: string;
  readonly message_id: string;
  readonly stream: string;
  readonly type: string;
  readonly reason: string;
  readonly tries: number;
  readonly died_at: string;
  readonly is_replayed: boolean;
  readonly data: unknown;
}

/** One of GET /admin/dead_letters/dropped. */
export interface DroppedLetterBody extends Omit<DeadLetterBody, 'is_replayed' | 'data'> {
  readonly dropped_by: string;
  readonly dropped_because: string;
  readonly dropped_at: string;
}
