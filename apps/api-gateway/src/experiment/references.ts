// What does an experiment's environment refer to, is it there, and may its user read it?
import type { OutputsReference } from '#contracts';
import { Refusal } from '#decider';
import type { Users } from '../users/users.ts';
import type { ExperimentsView, ExperimentView } from '../views/experiments.view.ts';
import type { ProjectsView, ProjectView } from '../views/projects.view.ts';
import type { RenderedSpecification } from './clone.ts';
import { recorded } from './outputs-store.ts';

const referencesMax = 100;

/** Asked when an experiment is submitted: what is refused then costs nobody a run. */
export class References {
  constructor(
    private readonly views: Pick<ExperimentsView, 'find' | 'findNamed'>,
    private readonly projects: Pick<ProjectsView, 'find' | 'get'>,
    private readonly users: Pick<Users, 'find'>,
  ) {}

  async resolved(rendered: RenderedSpecification, project: Pick<ProjectView, 'user' | 'name'>, actor: string): Promise<RenderedSpecification> {
    return { ...rendered, outputsReferences: await this.check(rendered.environment, project, actor) };
  }

  async check(environment: Readonly<Record<string, unknown>>, { user, name }: Pick<ProjectView, 'user' | 'name'>, actor: string): Promise<readonly OutputsReference[]> {
    const wanted = (environment.outputs as { experiments?: readonly (string | number)[] } | undefined)?.experiments ?? [];
    if (wanted.length > referencesMax) throw refused(`${wanted.length} experiments, at most ${referencesMax} may be named`);
    const outputsReferences: OutputsReference[] = [];
    for (const reference of wanted) {
      const { id, originalId, outputsPath, outputsStore } = await this.#find(String(reference), user, name, actor);
      outputsReferences.push({ experimentId: id, originalExperimentId: originalId, outputsPath, ...recorded(outputsStore) });
    }
    return outputsReferences;
  }

  /** `12`, `best`, `mnist/best`, `mona/mnist/best`; of a resume the outputs are its original's. What may not be read answers as what isn't there. */
  async #find(reference: string, user: string, projectName: string, actor: string): Promise<ExperimentView> {
    const parts = reference.split('/');
    const last = parts.at(-1) ?? '';
    const [ofUser, ofProject] = parts.length === 3 ? [parts[0] ?? '', parts[1] ?? ''] : [user, parts.length === 2 ? (parts[0] ?? '') : projectName];
    const project = parts.length === 1 && isNumber(last) ? null : await this.projects.find(ofUser, ofProject);
    const found = isNumber(last) ? await this.views.find(Number(last)) : project && (await this.views.findNamed(project.id, last));
    const owner = found && (await this.projects.get(found.projectId));
    const isElsewhere = parts.length > 1 && found?.projectId !== project?.id;
    if (!found || !owner || isElsewhere || !(await this.#mayRead(owner, actor))) throw refused(`there is no experiment ${reference} that ${actor} may read`);
    if (found.body.outputs_state !== 'kept') throw refused(`the outputs of experiment ${reference} were deleted`);
    return found;
  }

  async #mayRead(project: ProjectView, actor: string): Promise<boolean> {
    return project.isPublic || project.user === actor || ((await this.users.find(actor))?.isSuperuser ?? false);
  }
}

function isNumber(text: string): boolean {
  return /^[1-9]\d{0,8}$/.test(text);
}

function refused(why: string): Refusal {
  return new Refusal('reference-invalid', `environment.outputs.experiments: ${why}`, 'polyaxon project experiments');
}
