// What can a user do with experiments?
import { randomUUID } from 'node:crypto';
import type { ClonedBody, ClonePlan, CloneRequest, CloningStrategy, ExperimentBody, ExperimentEvent, ExperimentOrder, OutputsSummary, StreamName } from '#contracts';
import { evolveAll, Refusal } from '#decider';
import type { EventStore, Queryable, Recorded } from '#event-store';
import { experimentPath } from '#layout';
import type { ExperimentsView, ExperimentView } from '../views/experiments.view.ts';
import { project as projectViews } from '../views/project-events.ts';
import type { ProjectsView, ProjectView } from '../views/projects.view.ts';
import { causeOf } from './cause-of.ts';
import type { CloneCommand, Membership, OutputsFound } from './clone.ts';
import { copy } from './copy.ts';
import { experimentDecider, type ExperimentCommand } from './decider.ts';
import type { Original } from './experiment.ts';
import { foundIn } from './outputs-found.ts';
import { planOf } from './plan.ts';
import { anythingGoes, refuseForbidden, type Policy } from './policy.ts';
import { refuseMoved, refuseOutdated, tokenOf, type Seen } from './plan-token.ts';
import type { Outputs } from '../outputs/outputs-reader.ts';
import type { Stores } from '../outputs/stores.ts';
import { defaultStore, recorded, storeOf } from './outputs-store.ts';
import type { References } from './references.ts';
import { restart } from './restart.ts';
import { resume } from './resume.ts';
import type { Compiled, SpecificationCompiler } from './specification.ts';

export type ReadOutputs = (outputs: Outputs, from?: string) => Promise<OutputsSummary>;

export interface NewExperiment {
  readonly content: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly ttl: number | null;
  readonly isManaged: boolean;
  /** Undefined: the latest upload of the project. */
  readonly codeRevision?: string | null;
  readonly group?: Membership | null;
}

export interface Description {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly tags?: readonly string[];
  readonly params?: Readonly<Record<string, unknown>>;
  readonly framework?: string | null;
  readonly backend?: string | null;
  readonly run_env?: Readonly<Record<string, unknown>>;
  readonly data_refs?: Readonly<Record<string, unknown>>;
  /** Add to tags, params and data_refs instead of replacing them. */
  readonly merge?: boolean;
}

/** How a request that is repeated after a crash becomes the same experiment again. */
export interface Reservation {
  /** The id that an earlier try of this request was given; null: this is the first. */
  readonly known: number | null;
  /** Written down under the request before it is used. Asked for only when nothing is refused any more, so that refusals leave no gaps. */
  take(what?: 'experiment' | 'group'): Promise<number>;
}

/** Stands for the id of a clone that is only being considered; no sequence gets there. */
const notYetNumbered = Number.MAX_SAFE_INTEGER;

export class Experiments {
  constructor(
    private readonly store: EventStore,
    private readonly views: ExperimentsView,
    private readonly projects: ProjectsView,
    private readonly readOutputs: ReadOutputs,
    private readonly compiler: SpecificationCompiler,
    private readonly references: Pick<References, 'resolved'>,
    private readonly stores: Pick<Stores, 'refuseUnusable'>,
    private readonly now: () => Date,
    /** The group as it is now: a resume may have changed how many members run at once. */
    private readonly membershipIn: (groupId: number) => Promise<Membership | null> = async () => null,
    private readonly policy: Policy = anythingGoes,
  ) {}

  async create(project: ProjectView, wanted: NewExperiment, actor: string, reserved?: Reservation): Promise<ExperimentBody> {
    const repeated = await this.#repeated(reserved);
    if (repeated) return repeated;
    const specification = wanted.isManaged || wanted.content ? (await this.compiler.compile(wanted.content, [])).after : null;
    const rendered = specification && (await this.references.resolved(specification.rendered, project, actor));
    if (rendered && wanted.isManaged) refuseForbidden(this.policy, rendered.environment);
    const store = rendered && wanted.isManaged ? storeOf(rendered.environment) : defaultStore;
    if (wanted.isManaged) await this.stores.refuseUnusable(store);
    const experimentId = await (reserved?.take() ?? this.reserveId());
    const path = experimentPath({ user: project.user, project: project.name, groupId: wanted.group?.id ?? null, experimentId });
    const order: ExperimentOrder = {
      experimentId, originalExperimentId: experimentId, uuid: randomUUID(), projectId: project.id, user: project.user, project: project.name, groupId: wanted.group?.id ?? null,
      ...(wanted.group?.concurrency && { groupConcurrency: wanted.group.concurrency }),
      requestedBy: actor, requestedAt: this.now().toISOString(),
      name: wanted.name ?? specification?.name ?? null,
      description: wanted.description ?? specification?.description ?? null,
      tags: wanted.tags.length > 0 ? wanted.tags : (specification?.tags ?? []),
      ...(rendered ?? { content: '', params: {}, command: '', environment: {} }),
      codeRevision: wanted.codeRevision === undefined ? project.latestRevision : wanted.codeRevision,
      outputsPath: path, ...recorded(store), logsPath: path, isManaged: wanted.isManaged, ttlSeconds: wanted.ttl,
    };
    await this.#handle(experimentId, { type: 'CreateExperiment', data: order }, actor);
    return this.#body(experimentId);
  }

  async resume(sourceId: number, request: CloneRequest, actor: string, reserved?: Reservation): Promise<ClonedBody> {
    return this.#clone('resume', sourceId, request, actor, reserved);
  }

  async restart(sourceId: number, request: CloneRequest, actor: string, reserved?: Reservation): Promise<ExperimentBody> {
    return this.#clone('restart', sourceId, request, actor, reserved);
  }

  async copy(sourceId: number, request: CloneRequest, actor: string, reserved?: Reservation): Promise<ClonedBody> {
    return this.#clone('copy', sourceId, request, actor, reserved);
  }

  /** What the verb would do, and why it would be refused; nothing happens. */
  async plan(strategy: CloningStrategy, sourceId: number, request: CloneRequest, actor: string): Promise<ClonePlan> {
    const prepared = await this.#prepare(strategy, sourceId, request, actor);
    const token = tokenOf(prepared.seen, this.now());
    const { events, original } = prepared;
    return planOf({ strategy, ...prepared, token, causeOf: (code) => causeOf(code, sourceId, events, original), decide: () => this.#decide(strategy, prepared, request) });
  }

  async stop(id: number, actor: string): Promise<void> {
    const { originalId } = await this.#known(id);
    await this.#handle(originalId, { type: 'StopExperiment', data: { experimentId: id, requestedBy: actor, requestedAt: this.now().toISOString() } }, actor);
  }

  async describe(id: number, { merge = false, run_env: runEnv, data_refs: dataRefs, ...changes }: Description, actor: string): Promise<ExperimentBody> {
    const { originalId, body } = await this.#known(id);
    const merged = {
      ...changes,
      ...(changes.tags && merge && { tags: [...new Set([...body.tags, ...changes.tags])] }),
      ...(changes.params && merge && { params: { ...body.params, ...changes.params } }),
      ...(runEnv && { runEnv }),
      ...(dataRefs && { dataRefs: merge ? { ...(await this.views.dataRefsOf(id)), ...dataRefs } : dataRefs }),
    };
    await this.#handle(originalId, { type: 'DescribeExperiment', data: { experimentId: id, ...merged, describedAt: this.now().toISOString() } }, actor).catch((error: { code?: string }) => {
      throw nameTaken(error, changes.name);
    });
    return this.#body(id);
  }

  async reportStatus(id: number, report: { status: string; message: string | null; traceback: string | null }, actor: string): Promise<void> {
    const { originalId } = await this.#known(id);
    await this.#handle(originalId, { type: 'ReportStatus', data: { experimentId: id, ...report, reportedAt: this.now().toISOString() } }, actor);
  }

  /** attempt 0: it is not known which. */
  async reportCheckpoint(id: number, report: { attempt: number; read: 'read' | 'started-at-zero'; how: string }, actor: string): Promise<void> {
    const { originalId } = await this.#known(id);
    await this.#handle(originalId, { type: 'ReportCheckpoint', data: { experimentId: id, ...report, reportedAt: this.now().toISOString() } }, actor);
  }

  async delete(id: number, actor: string): Promise<void> {
    const { originalId } = await this.#known(id);
    const usedBy = [...(await this.views.copiersOf(originalId)), ...(await this.views.readersOf(originalId))];
    const copiedBy = [...new Set(usedBy)].filter((user) => user !== id);
    await this.#handle(originalId, { type: 'DeleteExperiment', data: { experimentId: id, copiedBy, deletedBy: actor, deletedAt: this.now().toISOString() } }, actor);
  }

  /** One global sequence, as users know it. */
  async reserveId(): Promise<number> {
    const { rows } = await this.store.pool.query<{ id: number }>(`SELECT nextval('api_gateway.experiment_ids')::int AS id`);
    const [{ id }] = rows as [{ id: number }];
    return id;
  }

  async #clone(strategy: CloningStrategy, sourceId: number, request: CloneRequest, actor: string, reserved?: Reservation): Promise<ClonedBody> {
    const repeated = await this.#repeated(reserved);
    if (repeated) return repeated;
    const prepared = await this.#prepare(strategy, sourceId, request, actor);
    refuseOutdated(request.plan_token, prepared.seen, this.now());
    this.#decide(strategy, prepared, request); // refused before an id is spent
    const experimentId = await (reserved?.take() ?? this.reserveId());
    const command: CloneCommand = { ...prepared.command, experimentId };
    const unmoved = async () => {
      const { events, original } = await this.#load(prepared.source.originalId);
      refuseMoved(request.plan_token, { ...prepared.seen, events });
      return original;
    };
    try {
      if (strategy === 'resume') await this.#resume(prepared, { type: 'ResumeExperiment', data: resumeData(command, prepared.found, request) }, request, actor);
      else for (const event of decideClone(strategy, command, prepared, request, await unmoved())) await this.#handle(experimentId, { type: 'OpenClone', data: event as never }, actor);
    } catch (error) {
      if (error instanceof Refusal) await unmoved(); // what has moved says more than what came of it
      throw nameTaken(error, request.name);
    }
    const { choice } = prepared.outputs ?? {};
    return { ...(await this.#body(experimentId)), ...(choice && { checkpoint: choice.offered, set_aside: choice.setAside }) };
  }

  /** Of a plan: nothing but what it has seen may stand before the event that this appends, or the transaction is undone. */
  #resume({ seen, source }: { seen: Seen; source: ExperimentView }, command: ExperimentCommand, { plan_token: token }: CloneRequest, actor: string) {
    return this.#handle(source.originalId, command, actor, async (on, [first]) => {
      if (token !== undefined && first && first.position !== seen.events.length) refuseMoved(token, { ...seen, events: (await this.store.load(first.stream, on)).slice(0, first.position) });
    });
  }

  async #prepare(strategy: CloningStrategy, sourceId: number, request: CloneRequest, actor: string) {
    const source = await this.#known(sourceId);
    const { events, original } = await this.#load(source.originalId); // first: what happens while the rest is read makes a plan outdated
    const project = await this.projects.get(source.projectId);
    if (!source.isManaged && !source.body.content)
      throw new Refusal('experiment-not-managed', `experiment ${sourceId} was only tracked here, not run: there is nothing the platform could start`, 'polyaxon run -f polyaxonfile.yml -u');
    const compiled: Compiled = await this.compiler.compile(source.body.content, request.content ? [request.content] : []);
    const group = source.groupId === null ? null : await this.membershipIn(source.groupId);
    const specification = await this.references.resolved(compiled.after.rendered, { user: source.ownerUser, name: project?.name ?? '' }, actor);
    for (const store of storesOf(strategy, source, specification.environment)) await this.stores.refuseUnusable(store);
    const outputs = strategy === 'restart' ? null : leftAlone(await this.readOutputs(source, request.from), request);
    const command: CloneCommand = {
      experimentId: notYetNumbered, uuid: randomUUID(), sourceExperimentId: sourceId, specification, name: request.name ?? null, requestedBy: actor, requestedAt: this.now().toISOString(),
      ...(request.code_revision !== undefined ? { updatedCodeRevision: request.code_revision } : request.update_code && { updatedCodeRevision: project?.latestRevision ?? null }),
      ...(group && { group }),
      ...(request.description !== undefined && { description: request.description }),
      ...(request.tags !== undefined && { tags: request.tags }),
      ...(request.ttl !== undefined && { ttlSeconds: request.ttl }),
    };
    const code = command.updatedCodeRevision === undefined ? source.body.code_revision : command.updatedCodeRevision;
    const seen: Seen = { strategy, sourceId, request, events, sourceIsLive: !source.isDone, specification, code, outputs };
    return { source, original, events, compiled, outputs, found: foundIn(outputs), command, seen };
  }

  #decide(strategy: CloningStrategy, prepared: { readonly command: CloneCommand; readonly found: OutputsFound; readonly original: Original }, request: CloneRequest) {
    refuseForbidden(this.policy, prepared.command.specification.environment);
    return decideClone(strategy, prepared.command, prepared, request, prepared.original);
  }

  async #load(originalId: number): Promise<{ readonly events: readonly Recorded[]; readonly original: Original }> {
    const events = await this.store.load(`experiment-${originalId}`);
    return { events, original: evolveAll(experimentDecider, events as unknown as ExperimentEvent[]) };
  }

  #handle(originalId: number, command: ExperimentCommand, actor: string, first: (on: Queryable, events: readonly Recorded[]) => Promise<void> = async () => undefined) {
    const stream: StreamName = `experiment-${originalId}`;
    return this.store.handle(stream, experimentDecider, command, { actor }, async (on, events: readonly Recorded[]) => {
      await first(on, events);
      await projectViews(on, events);
    });
  }

  async #repeated(reserved: Reservation | undefined): Promise<ExperimentBody | null> {
    return reserved && reserved.known !== null ? ((await this.views.find(reserved.known))?.body ?? null) : null;
  }

  async #known(id: number): Promise<ExperimentView> {
    const view = await this.views.find(id);
    if (!view) throw new Refusal('experiment-not-found', `experiment ${id} was not found`, 'polyaxon project experiments');
    return view;
  }

  async #body(id: number): Promise<ExperimentBody> {
    return (await this.#known(id)).body;
  }
}

function decideClone(strategy: CloningStrategy, command: CloneCommand, { found }: { found: OutputsFound }, request: CloneRequest, original: Original) {
  switch (strategy) {
    case 'resume':
      return resume({ type: 'ResumeExperiment', data: resumeData(command, found, request) }, original);
    case 'restart':
      return restart({ type: 'RestartExperiment', data: command }, original);
    case 'copy':
      return copy({ type: 'CopyExperiment', data: { ...command, outputs: found, ...copyData(request) } }, original);
    default:
      return strategy satisfies never;
  }
}

/** That of the source, whose outputs are read, and that which gets new ones. */
function storesOf(strategy: CloningStrategy, { outputsStore }: ExperimentView, environment: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  return new Set([...(strategy === 'restart' ? [] : [outputsStore]), ...(strategy === 'resume' ? [] : [storeOf(environment)])]);
}

function resumeData(command: CloneCommand, outputs: OutputsFound, request: CloneRequest) {
  return { ...command, outputs, force: request.force ?? false, ...(request.from !== undefined && { from: request.from }) };
}

function copyData({ copy_dirs: copyFolders = [], copy_files: copyFiles = [], force = false, from }: CloneRequest) {
  return { copyFolders, copyFiles, force, ...(from !== undefined && { from }) };
}

/** Whoever insists, or copies a part for something else, gets everything as it is. */
function leftAlone(outputs: OutputsSummary, { force, from, copy_dirs, copy_files }: CloneRequest): OutputsSummary {
  const isLeft = from === undefined && (force || (copy_dirs?.length ?? 0) + (copy_files?.length ?? 0) > 0);
  return isLeft ? { ...outputs, choice: { ...outputs.choice, setAside: [] } } : outputs;
}

function nameTaken(error: unknown, name: string | null | undefined): unknown {
  if ((error as { code?: string }).code !== '23505') return error;
  return new Refusal('experiment-name-taken', `the project has an experiment called ${name} already`, 'choose another with --name');
}
