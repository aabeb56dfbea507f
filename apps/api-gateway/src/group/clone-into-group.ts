// How does one experiment become many, each with a copy of its outputs or with outputs of its own?
import type { CloneRequest, GroupBody } from '#contracts';
import { Refusal } from '#decider';
import type { ReadOutputs, Reservation } from '../experiment/experiments.ts';
import type { GroupCompiler } from '../experiment/specification.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import type { ProjectView } from '../views/projects.view.ts';
import type { Groups } from './groups.ts';

export class CloneIntoGroup {
  constructor(
    private readonly groups: Groups,
    private readonly compiler: GroupCompiler,
    private readonly readOutputs: ReadOutputs,
  ) {}

  /** An override with a matrix asks for a group. */
  async isMeant({ body }: ExperimentView, { content }: CloneRequest): Promise<boolean> {
    return content !== undefined && body.content !== '' && (await this.compiler.kindOf(body.content, [content])) === 'group';
  }

  /** Outputs are written by one run at a time, so there is nothing that many could resume. */
  refuseResume({ id }: ExperimentView): never {
    const why = `a matrix makes many experiments, and only one may go on in the outputs of experiment ${id}: let each start from a copy`;
    throw new Refusal('override-invalid', why, `polyaxon experiment -xp ${id} restart --copy -f override.yml`);
  }

  refusePlan({ id }: ExperimentView): never {
    const why = 'a plan is of one experiment, and an override with a matrix makes a group of them';
    throw new Refusal('request-invalid', why, `polyaxon experiment -xp ${id} restart --copy -f override.yml, without --plan`);
  }

  async make(strategy: 'restart' | 'copy', source: ExperimentView, project: ProjectView, request: CloneRequest, actor: string, reserved?: Reservation): Promise<GroupBody> {
    const { id, body, isManaged } = source;
    if (request.plan_token !== undefined) this.refusePlan(source);
    if (!isManaged)
      throw new Refusal('experiment-not-managed', `experiment ${id} was only tracked here, not run: there is nothing the platform could start`, 'polyaxon run -f polyaxonfile.yml -u');
    if (strategy === 'copy' && (await this.readOutputs(source)).files === 0)
      throw new Refusal('outputs-empty', `the outputs of experiment ${id} are empty: there is nothing to copy`, `polyaxon experiment -xp ${id} restart -f override.yml`);
    const { content = '', code_revision: named, update_code: updatesCode = false, name = null, description = body.description, tags = body.tags, copy_dirs, copy_files } = request;
    const codeRevision = named ?? (updatesCode ? project.latestRevision : body.code_revision);
    const from = { experimentId: id, cloningStrategy: strategy, copyFolders: copy_dirs ?? [], copyFiles: copy_files ?? [] };
    return this.groups.create(project, { content: body.content, overrides: [content], name, description, tags, isManaged: true, codeRevision, source: from }, actor, reserved);
  }
}
