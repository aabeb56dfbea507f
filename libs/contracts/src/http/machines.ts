// How do the machines and the attempts that run on them look over HTTP?
import type { Attempt } from '../identity.ts';
import type { Resources } from './experiments.ts';

/** What the scheduler answers the gateway about a run that has processes now. */
export interface RunUsageBody {
  readonly attempt: Attempt;
  readonly processors: number;
  /** Of the processes there are, from their beginning on. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** That of the machine, when the run has none of its own. */
  readonly memoryLimitBytes: number;
  /** On a clock that only runs forward, and begins anew with the scheduler. */
  readonly measuredAtMs: number;
}

/** And about the machine it starts them on. */
export interface MachineBody {
  readonly name: string;
  readonly processors: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly kernel: string;
}

export interface NodeBody {
  readonly sequence: number;
  readonly name: string;
  readonly uuid: string;
  readonly status: string;
  readonly hostname: string;
  readonly role: string;
  /** Bytes. */
  readonly memory: number;
  readonly cpu: number;
  readonly n_gpus: number;
  readonly os_image: string;
  readonly kernel_version: string;
  readonly gpus: readonly never[];
}

export interface ClusterBody {
  readonly version_api: Readonly<Record<string, string>>;
  readonly nodes: readonly NodeBody[];
}

/** One attempt of a run, which is one process: its number is `id`. */
export interface JobBody {
  readonly id: number;
  readonly uuid: string;
  readonly unique_name: string;
  readonly role: 'master';
  readonly experiment: number;
  readonly last_status: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly total_run: string | null;
  readonly resources: Resources | null;
  readonly definition: Readonly<Record<string, unknown>>;
}

export interface JobStatusBody {
  readonly id: number;
  readonly uuid: string;
  readonly job: number;
  readonly created_at: string;
  readonly status: string;
  readonly message: string | null;
  readonly traceback: string | null;
}

/** What is told of an attempt elsewhere while its program runs; the latest is what counts. */
export interface AttemptReportBody {
  /** Its build steps have not all succeeded. */
  readonly is_building: boolean;
  /** Null: nothing is carried, or it has just begun. */
  readonly carrying: { readonly lag_seconds: number; readonly size_bytes: number; readonly failures: number } | null;
  /** What its user should know. */
  readonly warnings: readonly string[];
  /** Whether it has read the checkpoint it was given; null: there is nothing to say, or nothing yet. */
  readonly checkpoint: { readonly read: 'read' | 'not-read' | 'unknown'; readonly how: string } | null;
}
