// May this caller do this, here?
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { reservedUsernames } from '#contracts';
import { Refusal } from '#decider';
import type { Users } from '../users/users.ts';
import { closest } from '../views/closest.ts';
import type { ExperimentsView, ExperimentView } from '../views/experiments.view.ts';
import type { GroupsView, GroupView } from '../views/groups.view.ts';
import type { ProjectsView, ProjectView } from '../views/projects.view.ts';
import { accessMetadata, granted, type AccessRule } from './access.ts';
import type { Authentication, Caller } from './authentication.ts';

const reflector = new Reflector();

type Addressed = Partial<Record<'user' | 'project' | 'id', string>>;

/** The one place that decides: what is foreign and private answers exactly as what does not exist. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authentication: Authentication,
    private readonly users: Users,
    private readonly projects: ProjectsView,
    private readonly experiments: ExperimentsView,
    private readonly groups: GroupsView,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!request.url.startsWith('/api/')) return true; // health and metrics, of every service alike
    const rule = reflector.get<AccessRule | undefined>(accessMetadata, context.getHandler());
    if (!rule) throw new Refusal('not-allowed', 'this route is for nobody');
    if (rule.policy === 'public') return true;
    const caller = await this.authentication.callerOf(request);
    if (!caller) throw new Refusal('not-authenticated', 'a token is required', 'polyaxon login');
    const found = caller.kind === 'run' ? await this.#forRun(rule, caller.experimentId, request.params as Addressed) : await this.#forUser(rule, caller, request.params as Addressed);
    granted.set(request, { caller, ...found });
    return true;
  }

  /** Of somebody who watches over a socket, which no guard sees; or of a second experiment, by its number alone. */
  async mayRead(caller: Caller, address: { user?: string; project?: string; id: string }): Promise<ExperimentView> {
    const rule: AccessRule = { policy: 'read-experiment', run: false };
    const { experiment } = caller.kind === 'run' ? await this.#forRun(rule, caller.experimentId, address) : await this.#forUser(rule, caller, address);
    if (!experiment) throw new TypeError('a read of an experiment grants it');
    return experiment;
  }

  /** Of several, by their numbers alone: the first that can't be read is refused as if it were the only one. */
  async mayReadAll(caller: Caller, ids: readonly number[]): Promise<ExperimentView[]> {
    if (caller.kind === 'run') return Promise.all(ids.map((id) => this.mayRead(caller, { id: String(id) })));
    const found = new Map((await this.experiments.several(ids)).map((one) => [one.id, one]));
    const readable = (await this.projects.several([...new Set([...found.values()].map(({ projectId }) => projectId))])).filter((project) => mayRead(caller, project));
    const projects = new Set(readable.map(({ id }) => id));
    return Promise.all(ids.map(async (id) => {
      const experiment = found.get(id);
      return experiment && projects.has(experiment.projectId) ? experiment : (await this.#byNumber(String(id), caller)).experiment;
    }));
  }

  async #forRun({ run, policy }: AccessRule, experimentId: number, { user, project, id }: Addressed): Promise<{ experiment?: ExperimentView }> {
    if (policy !== 'read-experiment' && policy !== 'write-experiment') throw new Refusal('not-allowed', 'the token of a run is good for its own experiment only');
    const experiment = id === String(experimentId) ? await this.experiments.find(experimentId) : null;
    if (!experiment || (user !== undefined && experiment.body.project !== `${user}.${project}`)) throw notFound(id ?? '', []);
    if (!run) throw new Refusal('not-allowed', 'the token of a run may report and read its own experiment, nothing else');
    return { experiment };
  }

  async #forUser({ policy }: AccessRule, caller: Caller & { kind: 'user' }, address: Addressed): Promise<{ project?: ProjectView; experiment?: ExperimentView; group?: GroupView }> {
    if (policy === 'admin') {
      if (!caller.user.isSuperuser) throw new Refusal('not-allowed', 'only an administrator may do this');
      return {};
    }
    if (policy === 'login' || policy === 'public') return {};
    const writes = policy.startsWith('write-');
    const { user = '', project: name = '', id } = address;
    if (address.user === undefined) return this.#byNumber(id ?? '', caller);
    if (reservedUsernames.includes(user)) throw new Refusal('route-not-found', 'there is no such address');
    const project = await this.#project(user, name, caller);
    if (writes && !owns(caller, project.user)) throw new Refusal('not-allowed', `only ${project.user} may change ${project.user}/${project.name}`);
    if (policy === 'read-project' || policy === 'write-project') return { project };
    if (policy === 'read-group' || policy === 'write-group') return { project, group: await this.#group(project, id ?? '') };
    return { project, experiment: await this.#experiment(project, id ?? '') };
  }

  async #project(user: string, name: string, caller: Caller & { kind: 'user' }): Promise<ProjectView> {
    const project = await this.projects.find(user, name);
    if (project && mayRead(caller, project)) return project;
    const seesPrivate = owns(caller, user);
    const { results } = await this.projects.list(user, { limit: 1000, offset: 0 }, { seesPrivate });
    const near = closest(name, results.map((visible) => visible.name));
    if (results.length === 0 && !(await this.users.find(user))) await this.refuseUser(user);
    throw new Refusal('project-not-found', `there is no project ${user}/${name}${meant(near)}`, near[0] ? `polyaxon project -p ${user}/${near[0]} get` : 'polyaxon project list');
  }

  async refuseUser(user: string): Promise<never> {
    const near = await this.users.nearestNames(user);
    throw new Refusal('user-not-found', `there is no user ${user}${meant(near)}`, near[0] ? `polyaxon project list ${near[0]}` : 'polyaxon project list');
  }

  async #experiment(project: ProjectView, id: string): Promise<ExperimentView> {
    const number = numberOf(id);
    const experiment = number === null ? null : await this.experiments.find(number);
    if (experiment?.projectId === project.id) return experiment;
    throw notFound(`${project.user}/${project.name}/${id}`, number === null ? [] : await this.experiments.nearest(project.id, number));
  }

  async #group(project: ProjectView, id: string): Promise<GroupView> {
    const number = numberOf(id);
    const group = number === null ? null : await this.groups.find(number);
    if (group?.projectId === project.id) return group;
    const near = number === null ? [] : await this.groups.nearest(project.id, number);
    const why = `there is no group ${project.user}/${project.name}/${id}${meant(near)}`;
    throw new Refusal('group-not-found', why, near[0] ? `polyaxon group -g ${near[0]} get` : 'polyaxon project groups');
  }

  /** Without a project in the path: any experiment the caller may read. */
  async #byNumber(id: string, caller: Caller & { kind: 'user' }): Promise<{ project: ProjectView; experiment: ExperimentView }> {
    const number = numberOf(id);
    const experiment = number === null ? null : await this.experiments.find(number);
    const project = experiment && (await this.projects.get(experiment.projectId));
    if (!experiment || !project || !mayRead(caller, project)) throw notFound(id, number === null ? [] : await this.experiments.nearestReadable(readerOf(caller), number));
    return { project, experiment };
  }
}

export function owns(caller: Caller, user: string): boolean {
  return caller.kind === 'user' && (caller.user.isSuperuser || caller.user.username === user);
}

/** Null: reads everything. */
function readerOf({ user }: Caller & { kind: 'user' }): string | null {
  return user.isSuperuser ? null : user.username;
}

function mayRead(caller: Caller, project: ProjectView): boolean {
  return project.isPublic || owns(caller, project.user);
}

function numberOf(id: string): number | null {
  return /^[1-9]\d{0,8}$/.test(id) ? Number(id) : null;
}

function notFound(id: string, near: readonly number[]): Refusal {
  return new Refusal('experiment-not-found', `there is no experiment ${id}${meant(near)}`, near[0] ? `polyaxon experiment -xp ${near[0]} get` : 'polyaxon project experiments');
}

function meant(near: readonly (string | number)[]): string {
  return near.length > 0 ? `; did you mean ${near.join(', ')}?` : '';
}
