// What can a user do with groups?
import { randomInt, randomUUID } from 'node:crypto';
import type { GroupBody, GroupEvent, GroupOrder, GroupResumePlan, GroupResumeRequest, GroupStatus, NewMember, StreamName } from '#contracts';
import { evolveAll, Refusal } from '#decider';
import { errandOf, type Errand, type EventStore, type Recorded } from '#event-store';
import { searchAlgorithm } from '#polyaxonfile';
import type { Reservation } from '../experiment/experiments.ts';
import { storeOf } from '../experiment/outputs-store.ts';
import { refuseForbidden, type Policy } from '../experiment/policy.ts';
import type { References } from '../experiment/references.ts';
import type { Stores } from '../outputs/stores.ts';
import type { CompiledGroup, GroupCompiler, GroupLimits } from '../experiment/specification.ts';
import type { ExperimentsView } from '../views/experiments.view.ts';
import type { GroupsView, GroupView } from '../views/groups.view.ts';
import { project as projectViews } from '../views/project-events.ts';
import type { ProjectView } from '../views/projects.view.ts';
import { groupDecider, type GroupCommand } from './decider.ts';
import { noGroup, type Group } from './group.ts';
import { isLive, resumable, unmadeTrials } from './next-step.ts';
import { refuseResume } from './resume.ts';
import type { Suggestion } from './search/search.ts';

export interface NewGroup {
  readonly content: string;
  /** Merged into the content, as those of a restart that makes a group. */
  readonly overrides?: readonly string[];
  readonly name: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly isManaged: boolean;
  readonly source?: GroupOrder['source'];
  /** Undefined: the latest upload of the project. */
  readonly codeRevision?: string | null;
}

export interface GroupDescription {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly tags?: readonly string[];
  readonly merge?: boolean;
}

export interface GroupParts {
  readonly store: EventStore;
  readonly views: GroupsView;
  readonly experiments: ExperimentsView;
  readonly compiler: GroupCompiler;
  readonly references: Pick<References, 'check'>;
  readonly stores: Pick<Stores, 'refuseUnusable'>;
  readonly membersMax: number;
  readonly policy: Policy;
  readonly now: () => Date;
}

export class Groups {
  #changed: () => void = () => undefined;

  constructor(private readonly parts: GroupParts) {}

  /** Whoever makes the members, and does all that follows. */
  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  async create(project: ProjectView, wanted: NewGroup, actor: string, reserved?: Reservation): Promise<GroupBody> {
    const repeated = reserved && reserved.known !== null ? await this.parts.views.find(reserved.known) : null;
    if (repeated) return repeated.body;
    const compiled = wanted.isManaged ? await this.#compile(wanted.content, wanted.overrides ?? []) : null;
    if (compiled) await this.parts.references.check(compiled.environment, project, actor);
    if (compiled) refuseForbidden(this.parts.policy, compiled.environment);
    if (compiled) await this.parts.stores.refuseUnusable(storeOf(compiled.environment));
    const groupId = await (reserved?.take('group') ?? this.#reserve('group_ids', 1).then(([id]) => id as number));
    const order: GroupOrder = {
      groupId, uuid: randomUUID(), projectId: project.id, user: project.user, project: project.name, requestedBy: actor, requestedAt: this.#at(),
      name: wanted.name ?? (wanted.source ? null : (compiled?.name ?? null)),
      description: wanted.description ?? compiled?.description ?? null,
      tags: wanted.tags.length > 0 ? wanted.tags : (compiled?.tags ?? []),
      content: compiled?.content ?? wanted.content,
      hptuning: compiled?.hptuning ?? {},
      searchAlgorithm: compiled ? searchAlgorithm(compiled.hptuning) : null,
      concurrency: compiled?.hptuning.concurrency ?? null,
      codeRevision: wanted.codeRevision === undefined ? project.latestRevision : wanted.codeRevision,
      isManaged: wanted.isManaged,
      source: wanted.source ?? null,
    };
    await this.handle(groupId, { type: 'CreateGroup', data: { order, members: await this.number(compiled?.first ?? []) } }, actor, wanted.name);
    return this.#body(groupId);
  }

  async stop(id: number, pendingOnly: boolean, actor: string, reason: string | null = null): Promise<void> {
    await this.handle(id, { type: 'StopGroup', data: { groupId: id, pendingOnly, reason, requestedBy: actor, requestedAt: this.#at() } }, actor);
  }

  async resume(project: ProjectView, id: number, request: GroupResumeRequest, actor: string, reserved?: Reservation): Promise<GroupBody> {
    const group = await this.load(id);
    if (reserved && reserved.known !== null && group.state === 'live') return this.#body(id); // by the try before this one, which could not answer
    const members = await this.parts.views.members(id);
    const order = group.order ?? (await this.#known(id), null);
    const changed = order?.isManaged ? await this.#override(order, request.content) : { content: '', hptuning: {}, concurrency: null, override: null };
    const updatesCode = request.update_code === true || request.code_revision !== undefined;
    const going = resumable(group, members);
    const data = {
      groupId: id, ...changed, updatesCode, codeRevision: request.code_revision ?? (updatesCode ? project.latestRevision : (order?.codeRevision ?? null)), forced: request.force ?? false,
      requestedBy: actor, requestedAt: this.#at(), unmade: unmadeTrials(group, members).length,
    };
    const places = going.map(({ trial: { iteration, index }, holder }) => ({ iteration, index, sourceExperimentId: holder.experimentId }));
    refuseResume({ groupId: id, members: places.length, unmade: data.unmade }, group); // before numbers are spent
    if (order?.isManaged) await this.#refuseUnusable(changed.content);
    const first = (await reserved?.take()) ?? null;
    const ids = [...(first === null ? [] : [first]), ...(await this.#reserve('experiment_ids', places.length - (first === null ? 0 : 1)))];
    await this.handle(id, { type: 'ResumeGroup', data: { ...data, members: places.map((place, index) => ({ ...place, experimentId: ids[index] as number })) } }, actor);
    return this.#body(id);
  }

  /** What a resume would do; nothing happens. */
  async planResume(id: number): Promise<GroupResumePlan> {
    const [group, members] = [await this.load(id), await this.parts.views.members(id)];
    if (!group.order) await this.#known(id);
    const goesOn = resumable(group, members).map(({ holder }) => holder.experimentId);
    const unmade = unmadeTrials(group, members).length;
    const said = { goes_on: goesOn, stays: members.filter(({ status, isDeleted }) => status === 'succeeded' && !isDeleted).length, unmade };
    try {
      refuseResume({ groupId: id, members: goesOn.length, unmade }, group);
      if (group.order) await this.#refuseUnusable(group.order.content);
      return { ...said, refusal: null };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, message: detail, fix = null } = error as Refusal;
      return { ...said, refusal: { code, detail, fix } };
    }
  }

  async describe(id: number, { merge = false, ...changes }: GroupDescription, actor: string): Promise<GroupBody> {
    const { body } = await this.#known(id);
    const tags = changes.tags && merge ? { tags: [...new Set([...body.tags, ...changes.tags])] } : {};
    await this.handle(id, { type: 'DescribeGroup', data: { groupId: id, ...changes, ...tags, describedAt: this.#at() } }, actor, changes.name);
    return this.#body(id);
  }

  async reportStatus(id: number, status: GroupStatus, message: string | null, actor: string): Promise<void> {
    await this.handle(id, { type: 'ReportGroupStatus', data: { groupId: id, status, message, reportedAt: this.#at() } }, actor);
  }

  async delete(id: number, actor: string): Promise<void> {
    const members = await this.parts.views.members(id);
    const live = members.filter(isLive).map(({ experimentId }) => experimentId);
    const own = new Set(members.map(({ experimentId }) => experimentId));
    const originals = [...new Set(members.filter(({ isDeleted }) => !isDeleted).map(({ originalId }) => originalId))];
    const copiers = await Promise.all(originals.map((originalId) => this.parts.experiments.copiersOf(originalId)));
    const copiedBy = copiers.flat().filter((copier) => !own.has(copier));
    const pinned = await this.parts.experiments.pinnedIn(id);
    await this.handle(id, { type: 'DeleteGroup', data: { groupId: id, live, copiedBy, pinned, deletedBy: actor, deletedAt: this.#at() } }, actor);
  }

  async load(id: number): Promise<Group> {
    return (await this.known(id)).group;
  }

  /** And on whose behalf its members are made: who asked for it, or last for its resume. */
  async known(id: number): Promise<{ readonly group: Group; readonly errand: Errand | undefined }> {
    const history = await this.parts.store.load(streamOf(id));
    const asked = history.findLast(({ type }) => type === 'GroupCreated' || type === 'GroupResumeRequested');
    return { group: evolveAll({ ...groupDecider, initialState: noGroup }, history as unknown as GroupEvent[]), errand: asked && errandOf(asked) };
  }

  async handle(id: number, command: GroupCommand, actor: string, name?: string | null): Promise<void> {
    try {
      await this.parts.store.handle(streamOf(id), groupDecider, command, { actor }, (on, events: readonly Recorded[]) => projectViews(on, events));
    } catch (error) {
      if ((error as { code?: string }).code !== '23505') throw error;
      throw new Refusal('group-name-taken', `the project has a group called ${name} already`, 'choose another with --name');
    }
    this.#changed();
  }

  /** Numbers for what the search proposes. Set aside before they are written down, so a crash leaves a gap and never a double. */
  async number(suggestions: readonly Suggestion[]): Promise<NewMember[]> {
    const ids = await this.#reserve('experiment_ids', suggestions.length);
    return suggestions.map(({ params, continues }, index) => ({ experimentId: ids[index] as number, params, continues }));
  }

  #compile(content: string, overrides: readonly string[]): Promise<CompiledGroup> {
    return this.parts.compiler.compileGroup(content, overrides, this.#limits);
  }

  async #refuseUnusable(content: string): Promise<void> {
    const { environment } = await this.#compile(content, []);
    refuseForbidden(this.parts.policy, environment);
    await this.parts.stores.refuseUnusable(storeOf(environment));
  }

  get #limits(): GroupLimits {
    return { seed: randomInt(2 ** 31), membersMax: this.parts.membersMax };
  }

  async #override(order: GroupOrder, change: string | undefined): Promise<Pick<GroupOrder, 'content' | 'hptuning' | 'concurrency'> & { override: string | null }> {
    const { content, hptuning, concurrency } = order;
    if (change === undefined) return { content, hptuning, concurrency, override: null };
    const { group, ofMembers } = await this.parts.compiler.compileGroupChange(content, change, this.#limits);
    return { content: group.content, hptuning: { ...group.hptuning, seed: hptuning.seed }, concurrency: group.hptuning.concurrency ?? null, override: ofMembers };
  }

  async #reserve(sequence: 'group_ids' | 'experiment_ids', count: number): Promise<number[]> {
    const { rows } = await this.parts.store.pool.query<{ id: number }>(`SELECT nextval('api_gateway.${sequence}')::int AS id FROM generate_series(1, $1)`, [count]);
    return rows.map(({ id }) => id);
  }

  async #known(id: number): Promise<GroupView> {
    const view = await this.parts.views.find(id);
    if (!view) throw new Refusal('group-not-found', `there is no group ${id}`, 'polyaxon project groups');
    return view;
  }

  async #body(id: number): Promise<GroupBody> {
    return (await this.#known(id)).body;
  }

  #at(): string {
    return this.parts.now().toISOString();
  }
}

function streamOf(groupId: number): StreamName {
  return `group-${groupId}`;
}
