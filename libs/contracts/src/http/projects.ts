// How do a project and what is uploaded to it look over HTTP?

export interface ProjectBody {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly unique_name: string;
  readonly user: string;
  readonly owner: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly is_public: boolean;
  readonly has_code: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly num_experiments: number;
  readonly num_independent_experiments: number;
  readonly num_experiment_groups: number;
  readonly num_jobs: number;
  readonly num_builds: number;
  readonly has_tensorboard: boolean;
  readonly has_notebook: boolean;
}

export interface CodeReferenceBody {
  readonly commit?: string;
  readonly head?: string | null;
  readonly branch?: string | null;
  readonly git_url?: string | null;
  readonly is_dirty?: boolean;
}
