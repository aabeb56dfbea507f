// How is a plan that was looked at carried out, and only that one?
import { signal } from '@preact/signals';
import type { ClonedBody, ClonePlan, CloneRequest, GroupBody } from '#contracts';
import { ask, troubleOf } from '../../api/request.ts';
import { apiPath, type Which } from '../experiment/address.ts';
import type { CloneVerb } from './verbs.ts';

/** When a stop was asked for, by the number of the run: it is told until the run has ended. */
export const askedToStop = signal<ReadonlyMap<number, number>>(new Map());

export function planOf(which: Which, verb: CloneVerb, request: CloneRequest, signal?: AbortSignal): Promise<ClonePlan> {
  return ask<ClonePlan>(`${apiPath(which)}/${verb}/plan`, { method: 'POST', body: request, ...(signal && { signal }) });
}

export type Applied = { readonly made: ClonedBody | GroupBody } | { readonly changed: ClonePlan; readonly why: string };

/** With its token: when anything that the plan has seen is different now, nothing is done, and the plan that holds now is shown. `key`: the same click twice acts once. */
export async function applyPlan(which: Which, verb: CloneVerb, request: CloneRequest, { seen, key }: { seen: ClonePlan; key: string }): Promise<Applied> {
  try {
    return { made: await ask<ClonedBody | GroupBody>(`${apiPath(which)}/${verb}`, { method: 'POST', body: { ...request, plan_token: seen.token }, key }) };
  } catch (error) {
    const { code, detail } = troubleOf(error);
    if (code !== 'plan-outdated') throw error;
    return { changed: await planOf(which, verb, request), why: detail };
  }
}

export async function applyStop(which: Which, key: string): Promise<void> {
  await ask(`${apiPath(which)}/stop`, { method: 'POST', body: {}, key });
  askedToStop.value = new Map([...askedToStop.value, [which.id, Date.now()]]);
}
