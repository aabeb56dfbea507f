// What happens to a project, as its owner (the api-gateway) tells it?
import type { ProjectId, Revision } from '../identity.ts';
import type { EventOf, Time } from './message.ts';

export type ProjectCreated = EventOf<
  'ProjectCreated',
  {
    readonly projectId: ProjectId;
    readonly uuid: string;
    readonly user: string;
    readonly name: string;
    readonly description: string | null;
    readonly tags: readonly string[];
    readonly isPublic: boolean;
    readonly createdAt: Time;
  }
>;
/** Only the given keys change. The name never does: it is part of the paths. */
export type ProjectDescribed = EventOf<
  'ProjectDescribed',
  {
    readonly projectId: ProjectId;
    readonly description?: string | null;
    readonly tags?: readonly string[];
    readonly isPublic?: boolean;
    readonly describedAt: Time;
  }
>;
export type CodeUploaded = EventOf<
  'CodeUploaded',
  {
    readonly projectId: ProjectId;
    readonly revision: Revision;
    readonly files: number;
    readonly sizeBytes: number;
    readonly uploadedBy: string;
    readonly uploadedAt: Time;
  }
>;
export type ProjectDeleted = EventOf<'ProjectDeleted', { readonly projectId: ProjectId; readonly deletedBy: string; readonly deletedAt: Time }>;

export type ProjectEvent = ProjectCreated | ProjectDescribed | CodeUploaded | ProjectDeleted;
