// How is a joint plan found out, and carried out one run after the other?
import type { CheckpointsBody, ExperimentBody, Page } from '#contracts';
import { ask, troubleOf } from '../../api/request.ts';
import { apiPath, type Which } from '../experiment/address.ts';
import { applyPlan, applyStop, planOf } from '../plan/apply.ts';
import type { Asked, BulkVerb } from './joint-plan.ts';

export type Outcome = { readonly is: 'done'; readonly made: number | null } | { readonly is: 'changed' } | { readonly is: 'failed'; readonly why: string };

/** Each plan reads outputs: so many at once, and no more. */
const atOnce = 4;

/** `heard` is told of each as it comes. */
export async function askAll(verb: BulkVerb, project: Omit<Which, 'id'>, ids: readonly number[], heard: (asked: Asked) => void, signal: AbortSignal): Promise<void> {
  const list = `/${encodeURIComponent(project.user)}/${encodeURIComponent(project.project)}/experiments?${new URLSearchParams({ limit: '100', brief: 'true', query: `id: ${ids.join('|')}` }).toString()}`;
  const { results } = await ask<Page<ExperimentBody>>(list, { signal });
  const found = new Map(results.map((experiment) => [experiment.id, experiment]));
  await inTurn(ids, async (id) => {
    const experiment = found.get(id);
    if (!experiment) return heard({ id });
    try {
      if (verb === 'stop') heard({ id, experiment, checkpoints: experiment.is_managed ? await ask<CheckpointsBody>(`${apiPath({ ...project, id })}/checkpoints`, { signal }) : undefined });
      else heard({ id, experiment, plan: await planOf({ ...project, id }, verb, {}, signal) });
    } catch (error) {
      if (!signal.aborted) heard({ id, experiment, trouble: troubleOf(error) });
    }
  });
}

export async function applyOne(verb: BulkVerb, which: Which, asked: Asked, key: string): Promise<Outcome> {
  try {
    if (verb === 'stop') return await applyStop(which, key).then(() => ({ is: 'done', made: null }) as const);
    if (!asked.plan) return { is: 'failed', why: 'what would happen is not known' };
    const applied = await applyPlan(which, verb, {}, { seen: asked.plan, key });
    return 'made' in applied ? { is: 'done', made: applied.made.id } : { is: 'changed' };
  } catch (error) {
    return { is: 'failed', why: troubleOf(error).detail };
  }
}

export async function inTurn<One>(all: readonly One[], work: (one: One) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
