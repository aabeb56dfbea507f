// Of what is known of somebody's runs, what does not mend itself?
import type { CheckpointOfferBody, NeedBody, NowExperiment } from '#contracts';
import type { RefusedRequest } from '../fleet/recent-refusals.ts';
import type { Waiting } from '../fleet/waits.ts';

export interface Known {
  readonly experiment: NowExperiment;
  readonly isLive: boolean;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly message: string | null;
  /** Something goes on from it, or begins anew, already. */
  readonly wentOn: boolean;
  /** What it was given to go on from, and whether it was read; null: nothing. */
  readonly offer: CheckpointOfferBody | null;
  /** Its newest checkpoint since it began; undefined: not known. */
  readonly savedAt?: string | null;
}

export const stuckAfterMs = 30_000;
/** Without a save for so long somebody should know; the page of a run says the same. */
export const overdueAfterMs = 10 * 60_000;

const resumed = /^\/api\/v1\/[^/]+\/[^/]+\/experiments\/(\d+)\/(resume|restart|copy|stop)\/?$/;

/** The latest first. */
export function needsOf(known: readonly Known[], waiting: readonly Waiting[], refusals: readonly RefusedRequest[], now: number): NeedBody[] {
  const byId = new Map(known.map((one) => [one.experiment.id, one]));
  const needs = [
    ...known.flatMap((one) => [...failed(one), ...notGoneOn(one), ...overdue(one, now)]),
    ...waiting.flatMap((one) => stuck(one, byId.get(one.id), now)),
    ...refusedTo(refusals, byId),
  ];
  return needs.sort((a, b) => Date.parse(b.since) - Date.parse(a.since));
}

function failed({ experiment, finishedAt, message, wentOn }: Known): NeedBody[] {
  if (!/failed$/.test(experiment.last_status) || finishedAt === null || wentOn) return [];
  return [{ experiment, kind: 'failed', text: message ?? 'It failed; its log has the reason.', since: finishedAt, fix: `polyaxon experiment -xp ${experiment.id} resume` }];
}

/** Its program has not gone on from what it was given: while it runs, it may be writing over it. */
function notGoneOn({ experiment, isLive, startedAt, offer }: Known): NeedBody[] {
  if (!isLive || startedAt === null || !offer?.offered) return [];
  const { offered: { path }, read, read_how: how } = offer;
  const fix = `polyaxon experiment -xp ${experiment.id} stop`;
  if (read === 'started-at-zero') return [{ experiment, kind: 'started-at-zero', text: `It started at zero instead of going on from ${path}: ${how ?? 'nothing more is known'}.`, since: startedAt, fix }];
  return read === 'not-read' ? [{ experiment, kind: 'not-read', text: `It has not read ${path}, which it was given to go on from: ${how ?? 'nothing more is known'}.`, since: startedAt, fix }] : [];
}

function overdue({ experiment, isLive, startedAt, savedAt }: Known, now: number): NeedBody[] {
  if (!isLive || startedAt === null || savedAt === undefined || experiment.last_status !== 'running') return [];
  const since = savedAt ?? startedAt;
  if (now - Date.parse(since) < overdueAfterMs) return [];
  const text = savedAt === null ? 'It has saved no checkpoint since it began: if it ended now, all of it would be lost.' : 'It has saved no checkpoint for a while: if it ended now, everything since would be lost.';
  return [{ experiment, kind: 'checkpoint-overdue', text, since, fix: null }];
}

function stuck({ wait }: Waiting, known: Known | undefined, now: number): NeedBody[] {
  if (!known || wait.kind !== 'missing' || now - Date.parse(wait.since) < stuckAfterMs) return [];
  return [{ experiment: known.experiment, kind: 'stuck', text: `${wait.reason.charAt(0).toUpperCase()}${wait.reason.slice(1)}. It goes on with ${wait.released_by}.`, since: wait.since, fix: null }];
}

/** The last time each was refused. */
function refusedTo(refusals: readonly RefusedRequest[], byId: ReadonlyMap<number, Known>): NeedBody[] {
  const latest = new Map<number, NeedBody>();
  for (const { method, url, detail, at, fix } of refusals) {
    const [, id, verb] = resumed.exec(url.replace(/\?.*$/, '')) ?? [];
    const known = byId.get(Number(id));
    if (method !== 'POST' || verb === undefined || !known || known.wentOn || latest.has(known.experiment.id)) continue;
    latest.set(known.experiment.id, { experiment: known.experiment, kind: 'refused', text: `To ${verb} it was refused: ${detail}`, since: at, fix });
  }
  return [...latest.values()];
}
