// What does every command stand on: who asks, where, and which experiment is meant?
import type { ExperimentBody } from '#contracts';
import { ApiClient } from './api-client.ts';
import { UserConfiguration } from './configuration.ts';
import { CommandFailure, exitCodes, usageFailure } from './failure.ts';
import type { Output } from './output.ts';
import { projectAddress, Workspace, type ExperimentAddress, type GroupAddress, type ProjectAddress } from './workspace.ts';

export interface ProjectOptions {
  readonly project?: string;
}
export interface ExperimentOptions extends ProjectOptions {
  readonly experiment?: string;
}

export interface GroupOptions extends ProjectOptions {
  readonly group?: string;
}

export class Session {
  readonly user = new UserConfiguration(process.env);
  readonly workspace = new Workspace(process.cwd());
  #api: ApiClient | undefined;
  #hint: readonly string[] = [];

  constructor(readonly out: Output) {}

  get api(): ApiClient {
    this.#api ??= new ApiClient(this.user.configuration, this.user.login?.token ?? null);
    return this.#api;
  }

  get username(): string {
    const username = this.user.login?.username;
    if (!username) throw new CommandFailure('not-authenticated', exitCodes.notAuthenticated, 'nobody is logged in here', 'polyaxon login -u USERNAME');
    return username;
  }

  /** The project that was named, or the one this folder is initialised for, or that of the experiment last used here; what is assumed is said. */
  project({ project }: ProjectOptions): ProjectAddress {
    if (project !== undefined) return this.named(project);
    const assumed = this.workspace.project;
    const address = assumed ?? this.workspace.lastExperiment ?? this.workspace.lastGroup;
    if (!address) throw usageFailure('no project was given, and this folder is not initialised for one', 'polyaxon init PROJECT, or pass -p PROJECT');
    this.out.notice(`using project ${address.user}/${address.project} (${assumed ? 'of this folder' : 'last used'}; pass -p to choose another)`);
    return { user: address.user, project: address.project };
  }

  named(project: string): ProjectAddress {
    return projectAddress(project, this.user.login?.username ?? '');
  }

  /** The experiment that was named, by its number or its unique name, or the last one used here. Numbers are unique over all projects. */
  async experiment(options: ExperimentOptions): Promise<ExperimentAddress> {
    const { experiment } = options;
    if (experiment === undefined) return this.#lastExperiment(options);
    const [, owner, number] = /^(?:([-\w]+\.[-\w]+)\.)?([1-9]\d*)$/.exec(experiment) ?? [];
    if (!number) throw usageFailure(`an experiment is named by its number, or as USER.PROJECT.NUMBER, not ${JSON.stringify(experiment)}`);
    const id = Number(number);
    const project = owner ?? options.project;
    if (project !== undefined) return { ...this.named(project), id };
    if (this.workspace.project) return { ...this.project(options), id };
    return { ...this.named((await this.api.get<ExperimentBody>(`/experiments/${id}`)).project), id };
  }

  /** The group that was named, or the last one used here. */
  group({ group, project }: GroupOptions): GroupAddress {
    if (group === undefined) return this.#lastGroup(project);
    const [, owner, number] = /^(?:([-\w]+\.[-\w]+)\.)?([1-9]\d*)$/.exec(group) ?? [];
    if (!number) throw usageFailure(`a group is named by its number, or as USER.PROJECT.NUMBER, not ${JSON.stringify(group)}`);
    const last = this.workspace.lastGroup;
    if (owner === undefined && project === undefined && !this.workspace.project && last?.id === Number(number)) return last;
    const named = owner ?? project;
    return { ...this.project(named === undefined ? {} : { project: named }), id: Number(number) };
  }

  #lastGroup(project: string | undefined): GroupAddress {
    const last = this.workspace.lastGroup;
    const named = project === undefined ? null : this.named(project);
    const isMeant = last && (!named || (last.user === named.user && last.project === named.project));
    if (!isMeant) throw usageFailure('no group was given, and none was used in this folder yet', 'pass -g NUMBER; `polyaxon project groups` lists them');
    this.out.notice(`using group ${last.id} of ${last.user}/${last.project} (last used; pass -g to choose another)`);
    return last;
  }

  #lastExperiment({ project }: ExperimentOptions): ExperimentAddress {
    const last = this.workspace.lastExperiment;
    const chosen = project === undefined ? last : null;
    const named = project === undefined ? null : this.named(project);
    const address = chosen ?? (last && named && last.user === named.user && last.project === named.project ? last : null);
    if (!address)
      throw usageFailure('no experiment was given, and none was used in this folder yet', 'pass -xp NUMBER; `polyaxon project experiments` lists them');
    this.out.notice(`using experiment ${address.id} of ${address.user}/${address.project} (last used; pass -xp to choose another)`);
    return address;
  }

  /** Watching ends at Ctrl-C; what is watched goes on, and this says how to come back to it. */
  onInterrupt(...hint: readonly string[]): void {
    this.#hint = hint;
  }

  interrupt(): void {
    for (const line of this.#hint) this.out.notice(line);
  }
}

export function projectPath({ user, project }: ProjectAddress): string {
  return `/${user}/${project}`;
}

export function experimentPath(address: ExperimentAddress): string {
  return `${projectPath(address)}/experiments/${address.id}`;
}

export function groupPath(address: GroupAddress): string {
  return `${projectPath(address)}/groups/${address.id}`;
}
