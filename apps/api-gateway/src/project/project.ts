// What is known of a project, and what may be done with it?
import type { CodeUploaded, ProjectCreated, ProjectDeleted, ProjectDescribed, ProjectEvent, ProjectId, Revision } from '#contracts';
import { Refusal, type Decider } from '#decider';

export interface Project {
  readonly state: 'absent' | 'open' | 'deleted';
  readonly latestRevision: Revision | null;
}

export type ProjectCommand =
  | { readonly type: 'CreateProject'; readonly data: ProjectCreated['data'] }
  | { readonly type: 'DescribeProject'; readonly data: ProjectDescribed['data'] }
  | { readonly type: 'RecordUpload'; readonly data: CodeUploaded['data'] }
  | { readonly type: 'DeleteProject'; readonly data: ProjectDeleted['data'] & { readonly experiments: number } };

export const projectDecider: Decider<Project, ProjectCommand, ProjectEvent> = {
  initialState: { state: 'absent', latestRevision: null },
  evolve(project, event) {
    switch (event.type) {
      case 'ProjectCreated':
        return { ...project, state: 'open' };
      case 'CodeUploaded':
        return { ...project, latestRevision: event.data.revision };
      case 'ProjectDeleted':
        return { ...project, state: 'deleted' };
      case 'ProjectDescribed':
        return project;
      default:
        return event satisfies never;
    }
  },
  decide(command, project) {
    if (command.type === 'CreateProject') return project.state === 'absent' ? [{ type: 'ProjectCreated', data: command.data }] : [];
    if (project.state === 'absent') throw notFound(command.data.projectId);
    switch (command.type) {
      case 'DescribeProject':
        return [{ type: 'ProjectDescribed', data: command.data }];
      case 'RecordUpload':
        return command.data.revision === project.latestRevision ? [] : [{ type: 'CodeUploaded', data: command.data }];
      case 'DeleteProject':
        return remove(command.data, project);
      default:
        return command satisfies never;
    }
  },
};

/** Never takes experiments along: their outputs are what the platform exists to keep. */
function remove({ experiments, ...data }: ProjectDeleted['data'] & { experiments: number }, project: Project): ProjectDeleted[] {
  if (project.state === 'deleted') return [];
  if (experiments > 0)
    throw new Refusal('project-not-empty', `the project still has ${experiments} experiment${experiments > 1 ? 's' : ''}`, 'polyaxon project experiments');
  return [{ type: 'ProjectDeleted', data }];
}

function notFound(id: ProjectId): Refusal {
  return new Refusal('project-not-found', `project ${id} was not found`, 'polyaxon project list');
}

