// How is it asked over HTTP which outputs of a project are kept, and what would that free?

/** Body of POST .../retention/preview. Of outputs that experiments share, those experiments count as one. */
export interface RetentionRequest {
  /** Keep those of the newest so many. */
  readonly keep_last?: number;
  /** Keep those of the best so many by their last `metric`. */
  readonly keep_best?: number;
  readonly metric?: string;
  /** `asc`: the smallest is the best. */
  readonly order?: 'asc' | 'desc';
}

/** Body of POST .../retention: does what a preview has shown, and that alone. */
export interface RetentionOrder extends RetentionRequest {
  readonly token: string;
}

export interface FreedOutputs {
  readonly outputs_owner_id: number;
  readonly outputs_path: string;
  /** Those that share the outputs. None of them can be resumed or copied afterwards. */
  readonly experiments: readonly number[];
  /** Done experiments whose programs read these outputs: a resume or restart of them would miss them. */
  readonly read_by: readonly number[];
  readonly files: number;
  readonly size_bytes: number;
}

export interface RetentionBody {
  /** Names exactly this: it is good for nothing once something else would be freed. */
  readonly token: string;
  readonly applied: boolean;
  readonly freed: readonly FreedOutputs[];
  readonly kept: readonly { readonly outputs_owner_id: number; readonly experiments: readonly number[]; readonly reasons: readonly string[] }[];
  /** Somebody needed them after all when it was done: they are kept. */
  readonly refused: readonly { readonly outputs_owner_id: number; readonly code: string; readonly detail: string }[];
  readonly files: number;
  readonly size_bytes: number;
}
