// Which experiment is meant, for the platform and for the page?
import { pathOf, type Tab } from '../../shell/routes.ts';

export interface Which {
  readonly user: string;
  readonly project: string;
  readonly id: number;
}

export function apiPath({ user, project, id }: Which): string {
  return `/${encodeURIComponent(user)}/${encodeURIComponent(project)}/experiments/${id}`;
}

export function pagePath({ user, project, id }: Which, tab?: Tab): string {
  return pathOf.experiment(user, project, id, tab);
}
