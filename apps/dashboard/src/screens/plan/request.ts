// What does the reader ask for with a plan?
import type { CloneRequest } from '#contracts';
import type { CloneVerb } from './verbs.ts';

/** As the form has it. */
export interface Wishes {
  readonly override: string;
  readonly newestCode: boolean;
  /** Empty: the newest whole one. */
  readonly from: string;
  readonly name: string;
  readonly force: boolean;
}

export const noWishes: Wishes = { override: '', newestCode: false, from: '', name: '', force: false };

export function requestOf(verb: CloneVerb, { override, newestCode, from, name, force }: Wishes): CloneRequest {
  return {
    ...(override.trim() !== '' && { content: override }), ...(newestCode && { update_code: true }), ...(verb !== 'restart' && from !== '' && { from }),
    ...(name.trim() !== '' && { name: name.trim() }),
    ...(force && { force: true }),
  };
}

/** What may be insisted on, and what that risks; null: nothing. */
export function riskOf(verb: CloneVerb, code: string): string | null {
  if (code === 'checkpoints-damaged' && verb !== 'restart') return 'Its program may load a damaged checkpoint, fail, or begin at zero and write over what is there.';
  if (code === 'outputs-empty' && verb === 'resume') return 'There is nothing to go on from: it trains from the beginning, in the outputs of this run.';
  return null;
}
