// What does a plan stand on, and what of that has changed since it was made?
import { createHash } from 'node:crypto';
import type { CheckpointSummary, CloneRequest, CloningStrategy, OutputsSummary } from '#contracts';
import { Refusal } from '#decider';
import type { RenderedSpecification } from './clone.ts';

/** Everything a plan was made of. */
export interface Seen {
  readonly strategy: CloningStrategy;
  readonly sourceId: number;
  readonly request: CloneRequest;
  /** Of the stream where the source lives, with all its resumes. */
  readonly events: readonly { readonly type: string; readonly metadata: { readonly actor: string }; readonly time: string }[];
  readonly sourceIsLive: boolean;
  readonly specification: RenderedSpecification;
  readonly code: string | null;
  /** Null: nothing is taken from them. */
  readonly outputs: OutputsSummary | null;
}

export interface PlanToken {
  readonly token: string;
  readonly valid_until: string;
}

const validMs = 3_600_000;
const shape = /^p1\.([0-9a-z]{1,12})\.(\d{1,15})\.([\w-]{16})\.([\w-]{16})\.([\w-]{16})\.([\w-]{16})\.([\w-]{16})$/;

/** Not signed: nobody gains anything by one that he made himself, since all that it can do is to have his own request refused. */
export function tokenOf(seen: Seen, now: Date): PlanToken {
  const until = now.getTime() + validMs;
  return { token: ['p1', until.toString(36), seen.events.length, ...Object.values(digestsOf(seen))].join('.'), valid_until: new Date(until).toISOString() };
}

/** Without a token nothing is compared. */
export function refuseOutdated(token: string | undefined, seen: Seen, now: Date): void {
  if (token === undefined) return;
  const [, until, events, ...digests] = shape.exec(token) ?? [];
  if (until === undefined) throw new Refusal('request-invalid', 'plan_token: that is not the token of a plan', fixOf(seen));
  const changes = changesSince(seen, Number(events), digests);
  const late = parseInt(until, 36) <= now.getTime() ? [`it is older than ${validMs / 60_000} minutes`] : [];
  const reasons = [...late, ...changes];
  if (reasons.length > 0) throw new Refusal('plan-outdated', `the plan does not hold any more: ${reasons.join('; ')}`, fixOf(seen));
}

/** Only what happened: for the moment of the decision itself, when the rest has been compared already. */
export function refuseMoved(token: string | undefined, seen: Seen): void {
  const [, , events] = shape.exec(token ?? '') ?? [];
  if (events === undefined) return;
  const moved = movedSince(seen, Number(events));
  if (moved.length > 0) throw new Refusal('plan-outdated', `the plan does not hold any more: ${moved.join('; ')}`, fixOf(seen));
}

function changesSince(seen: Seen, events: number, digests: readonly string[]): string[] {
  const latest = digestsOf(seen);
  const changed = (Object.keys(latest) as (keyof typeof latest)[]).filter((part, index) => digests[index] !== latest[part]);
  return [...movedSince(seen, events), ...changed.map((part) => words[part](seen))];
}

const namedMax = 3;

function movedSince({ events }: Seen, seen: number): string[] {
  if (events.length === seen) return [];
  const since = events.slice(seen);
  const named = since.slice(0, namedMax).map(({ type, metadata, time }) => `${type} by ${metadata.actor} at ${time}`);
  const more = since.length > namedMax ? `, and ${since.length - namedMax} more` : '';
  return [since.length === 0 ? 'its history is another one' : `since then there was ${named.join(', ')}${more}`];
}

const words = {
  asked: () => 'it was made for another request',
  checkpoint: ({ outputs }: Seen) => `the checkpoint is ${textOf(outputs?.choice.offered ?? null)} now`,
  code: ({ code }: Seen) => `the code is ${code?.slice(0, 12) ?? 'none'} now`,
  runs: () => 'it would run something else now',
  copied: ({ outputs }: Seen) => `there are ${outputs?.files ?? 0} files of ${outputs?.sizeBytes ?? 0} bytes now`,
} satisfies Record<string, (seen: Seen) => string>;

function digestsOf(seen: Seen): Record<keyof typeof words, string> {
  const { strategy, sourceId, request, specification, code, outputs } = seen;
  const { plan_token: _, update_code: _newest, code_revision: _revision, ...asked } = request; // which code that comes to is compared by itself
  const given = Object.entries(asked).filter(([, value]) => value !== false && (value as unknown[] | undefined)?.length !== 0);
  return {
    asked: digest([strategy, sourceId, given.sort(([a], [b]) => (a < b ? -1 : 1))]),
    checkpoint: digest(outputs && [essence(outputs.choice.offered), outputs.choice.setAside.map(essence), outputs.choice.problem?.code ?? null]),
    code: digest(code),
    runs: digest(specification),
    copied: digest(filesOf(seen)),
  };
}

/** What a live source writes is copied as it is when its turn comes, so its size says nothing; of a resume it matters only whether there is anything. */
function filesOf({ strategy, sourceIsLive, outputs }: Seen): unknown {
  if (!outputs) return null;
  return strategy === 'copy' && !sourceIsLive ? [outputs.files, outputs.sizeBytes] : outputs.files > 0;
}

function essence(checkpoint: CheckpointSummary | null): unknown {
  return checkpoint && [checkpoint.path, checkpoint.step, checkpoint.sizeBytes, checkpoint.modifiedAt, checkpoint.problem];
}

function textOf(checkpoint: CheckpointSummary | null): string {
  if (!checkpoint) return 'none';
  return `${checkpoint.path}${checkpoint.step === null ? '' : ` (step ${checkpoint.step})`}`;
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16);
}

function fixOf({ strategy, sourceId }: Seen): string {
  return `polyaxon experiment -xp ${sourceId} ${strategy === 'copy' ? 'restart --copy' : strategy} --plan`;
}
