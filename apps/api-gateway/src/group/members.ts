// How does a trial of a group become an experiment?
import { randomUUID } from 'node:crypto';
import type { ExperimentCopyRequested, ExperimentEvent, ExperimentId, ExperimentOrder, ExperimentRestartRequested } from '#contracts';
import { evolveAll, Refusal } from '#decider';
import type { EventStore, Recorded } from '#event-store';
import { experimentPath } from '#layout';
import type { RawSpecification } from '#polyaxonfile';
import type { CloneCommand, Membership } from '../experiment/clone.ts';
import { copy } from '../experiment/copy.ts';
import { experimentDecider, type ExperimentCommand } from '../experiment/decider.ts';
import type { Original } from '../experiment/experiment.ts';
import type { ReadOutputs } from '../experiment/experiments.ts';
import { foundIn } from '../experiment/outputs-found.ts';
import { recorded, storeOf } from '../experiment/outputs-store.ts';
import { refuseForbidden, type Policy } from '../experiment/policy.ts';
import type { References } from '../experiment/references.ts';
import { restart } from '../experiment/restart.ts';
import type { CompiledSpecification, SpecificationCompiler } from '../experiment/specification.ts';
import type { ExperimentsView, ExperimentView } from '../views/experiments.view.ts';
import { project as projectViews } from '../views/project-events.ts';
import { trialAt, type KnownGroup, type Trial } from './group.ts';
import { memberOf } from './member-specification.ts';
import { holderOf, type Member } from './next-step.ts';

/** Of a clone: what it starts from, and what it runs. */
interface Beginning {
  readonly source: ExperimentView;
  readonly compiled: CompiledSpecification;
  readonly codeRevision?: string | null;
}

/** Every way ends in a stream that already knows the experiment when it is made again: a crash in the middle doubles nothing. */
export class Members {
  constructor(
    private readonly store: EventStore,
    private readonly views: ExperimentsView,
    private readonly readOutputs: ReadOutputs,
    private readonly compiler: SpecificationCompiler,
    private readonly references: Pick<References, 'resolved'>,
    private readonly policy: Policy,
    private readonly now: () => Date,
  ) {}

  /** Throws the refusal that says why it can't be made. */
  async make(group: KnownGroup, trial: Trial, members: readonly Member[]): Promise<void> {
    if (trial.replaces !== null) return this.#goOn(group, trial, trial.replaces);
    const earlier = trial.continues && trialAt(group, trial.continues);
    const holder = earlier && holderOf(group, earlier, members);
    if (holder) return this.#continue(group, trial, holder.experimentId);
    return this.#begin(group, trial);
  }

  async stop(experimentId: ExperimentId, actor: string, reason: string | null): Promise<void> {
    const { originalId } = await this.#known(experimentId);
    try {
      await this.#handle(originalId, { type: 'StopExperiment', data: { experimentId, ...(reason !== null && { reason }), requestedBy: actor, requestedAt: this.#at() } }, actor);
    } catch (error) {
      if (!isRefused(error, 'experiment-already-done')) throw error; // that is what was wanted
    }
  }

  async delete(experimentId: ExperimentId, actor: string): Promise<void> {
    const view = await this.views.find(experimentId);
    if (!view) return;
    await this.#handle(view.originalId, { type: 'DeleteExperiment', data: { experimentId, copiedBy: [], force: true, deletedBy: actor, deletedAt: this.#at() } }, actor);
  }

  /** After a resume of the group: in its outputs if it ever wrote any, else as if for the first time. */
  async #goOn(group: KnownGroup, trial: Trial, before: ExperimentId): Promise<void> {
    const source = await this.#known(before);
    const { override = null, updatesCode = false, codeRevision = null, forced = false } = group.resume ?? {};
    const compiled = await this.#resolved(group, (await this.compiler.compile(source.body.content, override === null ? [] : [override])).after);
    const beginning: Beginning = { source, compiled, ...(updatesCode && { codeRevision }) };
    try {
      await this.#resume(group, trial, beginning, forced);
    } catch (error) {
      if (isRefused(error, 'outputs-empty')) return this.#resume(group, trial, beginning, true); // nothing is lost by writing there
      if (!isRefused(error, 'experiment-never-ran')) throw error;
      await this.#anew(group, trial, beginning);
    }
  }

  /** Hyperband keeps a trial: the same outputs, more of the resource, a command rendered again. */
  async #continue(group: KnownGroup, trial: Trial, earlier: ExperimentId): Promise<void> {
    const beginning = { source: await this.#known(earlier), compiled: await this.#compile(group, trial) };
    try {
      await this.#resume(group, trial, beginning, false);
    } catch (error) {
      if (!isRefused(error, 'outputs-empty')) throw error;
      await this.#resume(group, trial, beginning, true);
    }
  }

  async #begin(group: KnownGroup, trial: Trial): Promise<void> {
    const { order } = group;
    const compiled = await this.#compile(group, trial);
    if (order.source) return this.#clone(group, trial, { source: await this.#known(order.source.experimentId), compiled, codeRevision: order.codeRevision }, order.source.cloningStrategy);
    const { experimentId } = trial;
    const { user, project, projectId, codeRevision, groupId, requestedBy, concurrency } = order;
    const path = experimentPath({ user, project, groupId, experimentId });
    const data: ExperimentOrder = {
      experimentId, originalExperimentId: experimentId, uuid: randomUUID(), projectId, user, project, groupId, ...(concurrency !== null && { groupConcurrency: concurrency }),
      requestedBy, requestedAt: this.#at(), name: null, description: null, tags: compiled.tags, ...compiled.rendered, codeRevision,
      outputsPath: path, ...recorded(storeOf(compiled.rendered.environment)), logsPath: path, isManaged: true, ttlSeconds: null,
    };
    await this.#handle(experimentId, { type: 'CreateExperiment', data }, requestedBy);
  }

  /** It never ran: what it was to start from is still what it starts from. */
  async #anew(group: KnownGroup, trial: Trial, beginning: Beginning): Promise<void> {
    const { source } = group.order;
    if (source) await this.#clone(group, trial, { ...beginning, source: await this.#known(source.experimentId), codeRevision: group.order.codeRevision }, source.cloningStrategy);
    else await this.#clone(group, trial, beginning, 'restart');
  }

  async #clone(group: KnownGroup, trial: Trial, beginning: Beginning, strategy: 'restart' | 'copy'): Promise<void> {
    const { source } = beginning;
    const command = this.#commandOf(group, trial, beginning);
    const original = await this.#load(source.originalId);
    const events: (ExperimentRestartRequested | ExperimentCopyRequested)[] =
      strategy === 'restart'
        ? restart({ type: 'RestartExperiment', data: command }, original)
        : copy({ type: 'CopyExperiment', data: { ...command, outputs: foundIn(await this.readOutputs(source)), ...whatOf(group) } }, original);
    for (const data of events) await this.#handle(trial.experimentId, { type: 'OpenClone', data }, command.requestedBy);
  }

  async #resume(group: KnownGroup, trial: Trial, beginning: Beginning, force: boolean): Promise<void> {
    const { source } = beginning;
    const command = this.#commandOf(group, trial, beginning);
    const outputs = foundIn(await this.readOutputs(source));
    await this.#handle(source.originalId, { type: 'ResumeExperiment', data: { ...command, outputs, force } }, command.requestedBy);
  }

  #commandOf(group: KnownGroup, { experimentId }: Trial, { source, compiled, codeRevision }: Beginning): CloneCommand {
    return {
      experimentId, uuid: randomUUID(), sourceExperimentId: source.id, specification: compiled.rendered, name: null, tags: compiled.tags, group: membershipIn(group),
      requestedBy: group.resume?.requestedBy ?? group.order.requestedBy, requestedAt: this.#at(),
      ...(codeRevision !== undefined && { updatedCodeRevision: codeRevision }),
    };
  }

  async #compile(group: KnownGroup, { params }: Trial): Promise<CompiledSpecification> {
    const content = JSON.stringify(memberOf(JSON.parse(group.order.content) as RawSpecification, params));
    return this.#resolved(group, (await this.compiler.compile(content, [])).after);
  }

  async #resolved({ order, resume: asked }: KnownGroup, compiled: CompiledSpecification): Promise<CompiledSpecification> {
    refuseForbidden(this.policy, compiled.rendered.environment);
    const project = { user: order.user, name: order.project };
    return { ...compiled, rendered: await this.references.resolved(compiled.rendered, project, asked?.requestedBy ?? order.requestedBy) };
  }

  async #known(id: ExperimentId): Promise<ExperimentView> {
    const view = await this.views.find(id);
    if (!view) throw new Refusal('experiment-not-found', `experiment ${id} was not found`, 'polyaxon project experiments');
    return view;
  }

  async #load(originalId: ExperimentId): Promise<Original> {
    return evolveAll(experimentDecider, (await this.store.load(`experiment-${originalId}`)) as unknown as ExperimentEvent[]);
  }

  async #handle(originalId: ExperimentId, command: ExperimentCommand, actor: string): Promise<void> {
    await this.store.handle(`experiment-${originalId}`, experimentDecider, command, { actor }, (on, events: readonly Recorded[]) => projectViews(on, events));
  }

  #at(): string {
    return this.now().toISOString();
  }
}

function membershipIn({ order: { groupId: id, concurrency } }: KnownGroup): Membership {
  return { id, concurrency };
}

function whatOf({ order: { source } }: KnownGroup): { copyFolders: readonly string[]; copyFiles: readonly string[] } {
  return { copyFolders: source?.copyFolders ?? [], copyFiles: source?.copyFiles ?? [] };
}

function isRefused(error: unknown, code: string): boolean {
  return error instanceof Refusal && error.code === code;
}
