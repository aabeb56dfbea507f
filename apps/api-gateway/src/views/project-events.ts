// Which projections take every event in, live and in a rebuild?
import type { Queryable, Recorded } from '#event-store';
import { projectExperiments } from './experiments.projection.ts';
import { projectGroups } from './groups.projection.ts';
import { projectProjects } from './projects.view.ts';
import { enterViews, viewsSchema, type Projection } from './view.ts';

export const projections: readonly Projection[] = [projectProjects, projectExperiments, projectGroups];

/** In the transaction of the append, or of the reaction to another service's event: what users see changes with what happened. */
export async function project(on: Queryable, events: readonly Recorded[]): Promise<void> {
  await enterViews(on);
  await projectInside(on, events);
}

/** For whoever has entered the views in this transaction. */
export async function projectInside(on: Queryable, events: readonly Recorded[]): Promise<void> {
  for (const event of events) for (const projection of projections) await projection(event, { on, schema: viewsSchema });
}
