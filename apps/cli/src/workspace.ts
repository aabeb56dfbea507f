// Which project is this folder initialised for, and which experiment was last used here?
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeJson } from './configuration.ts';
import { usageFailure } from './failure.ts';

export interface ProjectAddress {
  readonly user: string;
  readonly project: string;
}
export interface ExperimentAddress extends ProjectAddress {
  readonly id: number;
}
export interface GroupAddress extends ProjectAddress {
  readonly id: number;
}

/** `.polyaxon/` in the working directory, with the file names of the original command line. */
export class Workspace {
  readonly #folder: string;

  constructor(readonly directory: string) {
    this.#folder = join(directory, '.polyaxon');
  }

  get project(): ProjectAddress | null {
    const saved = readJson(join(this.#folder, '.polyaxonproject')) as { user?: string; name?: string } | null;
    return saved?.user && saved.name ? { user: saved.user, project: saved.name } : null;
  }

  get lastExperiment(): ExperimentAddress | null {
    return this.#last('.polyaxonxp');
  }

  get lastGroup(): GroupAddress | null {
    return this.#last('.polyaxongroup');
  }

  initialise(project: ProjectAddress): { readonly wroteIgnoreFile: boolean } {
    mkdirSync(this.#folder, { recursive: true });
    writeJson(join(this.#folder, '.polyaxonproject'), { name: project.project, user: project.user, unique_name: `${project.user}.${project.project}` }, 0o644);
    const ignoreFile = join(this.directory, '.polyaxonignore');
    if (existsSync(ignoreFile)) return { wroteIgnoreFile: false };
    writeFileSync(ignoreFile, ignoredByDefault);
    return { wroteIgnoreFile: true };
  }

  /** `begin`: an experiment was made here, so remember it even in a folder that has no `.polyaxon/` yet; reading one leaves no new folder behind. */
  remember(experiment: ExperimentAddress, { begin }: { begin: boolean }): void {
    this.#remember('.polyaxonxp', experiment, begin);
  }

  rememberGroup(group: GroupAddress, { begin }: { begin: boolean }): void {
    this.#remember('.polyaxongroup', group, begin);
  }

  forget(experiment: ExperimentAddress): void {
    if (this.lastExperiment?.id === experiment.id) writeJson(join(this.#folder, '.polyaxonxp'), {}, 0o644);
  }

  forgetGroup(group: GroupAddress): void {
    if (this.lastGroup?.id === group.id) writeJson(join(this.#folder, '.polyaxongroup'), {}, 0o644);
  }

  #last(file: string): ExperimentAddress | null {
    const saved = readJson(join(this.#folder, file)) as { id?: number; project?: string } | null;
    return saved?.id && saved.project ? { ...projectAddress(saved.project, ''), id: saved.id } : null;
  }

  #remember(file: string, { user, project, id }: ExperimentAddress, begin: boolean): void {
    if (!existsSync(this.#folder)) {
      if (!begin) return;
      mkdirSync(this.#folder, { recursive: true });
    }
    writeJson(join(this.#folder, file), { id, project: `${user}.${project}` }, 0o644);
  }
}

/** `project`, `user/project` or `user.project`; without a user the one who is logged in. */
export function projectAddress(text: string, username: string): ProjectAddress {
  const [, user = username, project] = /^(?:([-\w]+)[/.])?([-\w]+)$/.exec(text) ?? [];
  if (!project) throw usageFailure(`a project is written as NAME, USER/NAME or USER.NAME, not ${JSON.stringify(text)}`);
  if (!user) throw usageFailure(`whose project ${project} is can't be told before a login`, `polyaxon login, or -p USER/${project}`);
  return { user, project };
}

/** `lib` and `var`, which the original left out too, are names people give to their own code. */
export const ignoredByDefault = `# What is not uploaded; the syntax of .gitignore
.git
.polyaxon
.venv
venv
node_modules
__pycache__
.ipynb_checkpoints
.eggs
*.egg-info
*.pyc
*.swp
.DS_Store
# what is downloaded from here: code and outputs
/repo.tar.gz
/*.*.[0-9]*.tar.gz
`;
