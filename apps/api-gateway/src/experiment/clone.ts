// What does a clone take from its source, and what is its own?
import type { CheckpointChoice, ExperimentClone, ExperimentId, ExperimentOrder, CloningStrategy, GroupId, OutputsReference, Revision, Time } from '#contracts';
import { Refusal } from '#decider';
import { experimentPath } from '#layout';
import { knownExperiment, type Experiment, type Original } from './experiment.ts';
import { defaultStore, recorded, storeOf } from './outputs-store.ts';

/** The merged polyaxonfile of source and overrides, already rendered. */
export interface RenderedSpecification {
  readonly content: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly command: string;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly build?: Readonly<Record<string, unknown>> | null;
  readonly framework?: string | null;
  readonly backend?: string | null;
  readonly logLevel?: string | null;
  /** Of `environment.outputs.experiments`, once they are looked up. */
  readonly outputsReferences?: readonly OutputsReference[];
}

/** What the three verbs ask for alike. */
export interface CloneCommand {
  /** Of the clone; the same id again is the same command again. */
  readonly experimentId: ExperimentId;
  readonly uuid: string;
  readonly sourceExperimentId: ExperimentId;
  readonly specification: RenderedSpecification;
  /** The project's latest upload when `-u` was given; undefined: the code of the source. */
  readonly updatedCodeRevision?: Revision | null;
  readonly name: string | null;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly ttlSeconds?: number;
  /** The group it becomes a member of, or stays in; absent: that of its source. */
  readonly group?: Membership;
  readonly requestedBy: string;
  readonly requestedAt: Time;
}

export interface Membership {
  readonly id: GroupId;
  /** Members that may run at once; null: the group sets no bound. */
  readonly concurrency: number | null;
}

/** What is in an outputs path, as the storage-manager sees it. */
export interface OutputsFound {
  readonly files: number;
  /** Why no program may go on from there; null: it may, or there is nothing that is recognised. */
  readonly problem: CheckpointChoice['problem'];
  /** Checkpoints that could be asked for instead. */
  readonly alternatives: readonly string[];
}

/** The named experiment, or a refusal that says why it can't be a source. */
export function sourceOf(original: Original, id: ExperimentId): Experiment {
  const source = knownExperiment(original, id);
  if (!source.order.isManaged)
    throw new Refusal('experiment-not-managed', `experiment ${id} was only tracked here, not run: there is nothing the platform could start`, 'polyaxon run -f polyaxonfile.yml -u');
  return source;
}

/** Nobody starts from what can't be read; `force` helps with what is damaged, and with nothing else. */
export function refuseUnreadable(verb: 'resume' | 'restart --copy', id: ExperimentId, { problem, alternatives }: OutputsFound, force: boolean): void {
  if (!problem || (force && problem.code === 'checkpoints-damaged')) return;
  const [other] = alternatives;
  const fix = other !== undefined ? `--from ${other}` : problem.code === 'checkpoints-damaged' ? '--force' : '';
  throw new Refusal(problem.code, `experiment ${id}: ${problem.message}`, `polyaxon experiment -xp ${id} ${verb} ${fix}`.trimEnd());
}

/** A resume goes on where the outputs are; anything else begins where its polyaxonfile says. */
function storeOfClone({ order }: Experiment, { specification: { environment } }: CloneCommand, resumes: boolean): string {
  const { experimentId: id, outputsStore = defaultStore } = order;
  const wanted = storeOf(environment);
  if (!resumes || wanted === outputsStore) return wanted;
  const why = `environment.persistence.outputs: a resume goes on in the outputs of experiment ${id}, which are in the store ${outputsStore}; in the store ${wanted} it needs a copy`;
  throw new Refusal('override-invalid', why, `polyaxon experiment -xp ${id} restart --copy -f override.yml`);
}

/** Name, statuses, metrics and logs are the clone's own; project, group, description and tags come from the source unless given. */
export function cloneOrder(source: Experiment, command: CloneCommand, cloningStrategy: CloningStrategy): ExperimentClone {
  const { groupConcurrency, outputsStore: _, ...order } = source.order;
  const { experimentId, specification, updatedCodeRevision = order.codeRevision } = command;
  const bound = command.group ? command.group.concurrency : (groupConcurrency ?? null);
  const groupId = command.group?.id ?? order.groupId;
  const own = experimentPath({ user: order.user, project: order.project, groupId, experimentId });
  const resumes = cloningStrategy === 'resume';
  const clone: ExperimentOrder = {
    ...order,
    ...specification,
    experimentId,
    originalExperimentId: resumes ? order.originalExperimentId : experimentId,
    uuid: command.uuid,
    groupId,
    ...(bound !== null && { groupConcurrency: bound }),
    requestedBy: command.requestedBy,
    requestedAt: command.requestedAt,
    name: command.name,
    description: command.description ?? order.description,
    tags: command.tags ?? order.tags,
    codeRevision: updatedCodeRevision,
    outputsPath: resumes ? order.outputsPath : own,
    ...recorded(storeOfClone(source, command, resumes)),
    logsPath: own,
    ttlSeconds: command.ttlSeconds ?? order.ttlSeconds,
  };
  return { ...clone, sourceExperimentId: order.experimentId, cloningStrategy };
}
