// What will happen to each of several runs, and what can't?
import { isDone, type CheckpointsBody, type ClonePlan, type ExperimentBody } from '#contracts';
import type { Trouble } from '../../api/request.ts';
import { plural } from '../../text/amounts.ts';
import { wordsOf } from '../../text/statuses.ts';
import { answerOf, placeOf } from '../experiment/answer.ts';
import type { Verb } from '../plan/verbs.ts';

export type BulkVerb = Exclude<Verb, 'copy'>;

/** What was found out about one of them. */
export interface Asked {
  readonly id: number;
  readonly experiment?: ExperimentBody | undefined;
  readonly plan?: ClonePlan | undefined;
  /** Before a stop. */
  readonly checkpoints?: CheckpointsBody | undefined;
  readonly trouble?: Trouble | undefined;
}

export interface Item {
  readonly id: number;
  readonly name: string;
  readonly does: boolean;
  /** What happens, or why nothing will. */
  readonly text: string;
  readonly fix: string | null;
}

/** In the order they were chosen in. Of two that share their outputs only the newer is resumed: two runs never write one outputs path. */
export function jointPlan(verb: BulkVerb, asked: readonly Asked[], now: number): readonly Item[] {
  const newest = new Map<string, number>();
  for (const { id, plan } of asked) if (verb === 'resume' && plan && plan.refusal === null) newest.set(plan.outputs_path, Math.max(id, newest.get(plan.outputs_path) ?? 0));
  return asked.map((one) => {
    const other = one.plan && newest.get(one.plan.outputs_path);
    if (other !== undefined && other !== one.id && one.plan?.refusal === null) return itemOf(one, false, `not this one: #${other} is resumed already, and both write the same outputs`);
    return itemFor(verb, one, now);
  });
}

function itemFor(verb: BulkVerb, asked: Asked, now: number): Item {
  const { experiment, plan, checkpoints, trouble } = asked;
  if (trouble) return itemOf(asked, false, trouble.detail, trouble.fix);
  if (!experiment) return itemOf(asked, false, 'it is not in this project, or was deleted');
  if (verb === 'stop') {
    if (isDone(experiment.last_status)) return itemOf(asked, false, `it has ended already: ${wordsOf(experiment.last_status)}`);
    return itemOf(asked, true, `its program is asked to end. ${answerOf(experiment, checkpoints, now).text}`);
  }
  if (!plan) return itemOf(asked, false, 'what would happen is not known yet');
  if (plan.refusal) return itemOf(asked, false, plan.refusal.detail, plan.refusal.fix);
  if (verb === 'restart') return itemOf(asked, true, 'trains again from the beginning, in outputs of its own');
  const from = plan.checkpoint ? `goes on from ${placeOf(plan.checkpoint)}` : 'goes on with what its program finds there';
  return itemOf(asked, true, `${from}, in the outputs of #${plan.outputs_owner_id ?? asked.id}`);
}

function itemOf({ id, experiment }: Asked, does: boolean, text: string, fix?: string | null): Item {
  return { id, name: experiment?.name ?? '', does, text, fix: fix ?? null };
}

export function sumOf(items: readonly Item[]): string {
  const will = items.filter(({ does }) => does).length;
  return will === items.length ? `all ${plural(items.length, 'run')}` : `${will} of ${plural(items.length, 'run')}`;
}
