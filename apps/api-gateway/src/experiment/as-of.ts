// How was an experiment after some of its events?
import type { AsOfBody, Difference, Event, ExperimentDescribed, ExperimentOrder, ExperimentStateBody, HistoryEntry } from '#contracts';
import { Refusal } from '#decider';
import { difference, type JsonMapping } from '#polyaxonfile';
import { waitsFor } from '../fleet/waits-for.ts';
import { statusOf } from '../views/status-of.ts';
import { offerOf } from './offer-of.ts';

interface Folded {
  readonly body: AsOfBody;
  readonly rank: number;
}

/** As the rows of the views come of the same events, in the same order: after the last of them it is as users see it now. */
export function foldAll(history: readonly HistoryEntry[]): AsOfBody | null {
  return history.reduce<Folded | null>(fold, null)?.body ?? null;
}

/** `at`: after so many events; null: after all of them. `from`: what is different from how it was after so many. */
export function stateAt(history: readonly HistoryEntry[], { at, from }: { readonly at: number | null; readonly from: number | null }): ExperimentStateBody {
  const of = history.length;
  const position = at ?? of;
  for (const [name, asked] of [['at', position], ['from', from ?? 1]] as const)
    if (asked < 1 || asked > of) throw new Refusal('request-invalid', `${name}: there are ${of} events, from 1 to ${of}, and no ${asked}`);
  const until = history.slice(0, position);
  const experiment = foldAll(until);
  const event = until.at(-1);
  if (!experiment || !event) throw new Refusal('request-invalid', 'at: before that event there was no such experiment');
  return { at: position, of, event, experiment, offer: offerOf(until), waits: waitsFor(until), from, differences: from === null ? null : differencesBetween(history.slice(0, from), until) };
}

function fold(before: Folded | null, entry: HistoryEntry): Folded | null {
  const after = changed(before, entry);
  if (!after) return null;
  const change = statusOf(entry as unknown as Event, after.body.is_managed);
  if (!change || change.rank === undefined || change.rank < after.rank) return after;
  return { rank: change.rank, body: { ...after.body, last_status: change.status, last_status_message: change.message } };
}

function changed(before: Folded | null, { type, data }: HistoryEntry): Folded | null {
  switch (type) {
    case 'ExperimentCreated':
    case 'ExperimentResumeRequested':
    case 'ExperimentRestartRequested':
    case 'ExperimentCopyRequested':
      return { rank: -1, body: born(data as unknown as ExperimentOrder, data) };
    default:
      return before && { ...before, body: { ...before.body, ...changesOf(type, data, before.body) } };
  }
}

function born(order: ExperimentOrder, data: HistoryEntry['data']): AsOfBody {
  const { experimentId: id, name, description, tags, params, command, codeRevision, outputsPath, isManaged } = order;
  return {
    id, name, description, tags, params, command, content: order.content, code_revision: codeRevision, outputs_path: outputsPath, is_managed: isManaged,
    source_id: (data.sourceExperimentId as number | undefined) ?? null, cloning_strategy: (data.cloningStrategy as AsOfBody['cloning_strategy'] | undefined) ?? null,
    last_status: 'created', last_status_message: null, attempt: 0, created_at: order.requestedAt, started_at: null, finished_at: null, exit_code: null, is_pinned: false,
  };
}

function changesOf(type: string, data: HistoryEntry['data'], now: AsOfBody): Partial<AsOfBody> {
  switch (type) {
    case 'RunStarted':
      return { started_at: now.started_at ?? String(data.startedAt), attempt: Math.max(now.attempt, Number(data.attempt)) };
    case 'ExperimentDone': {
      const startedAt = now.is_managed ? now.started_at : (now.started_at ?? now.created_at);
      return { finished_at: String(data.doneAt), exit_code: data.exitCode as number | null, attempt: Math.max(now.attempt, Number(data.attempt)), started_at: startedAt };
    }
    case 'ExperimentStatusReported':
      return !now.is_managed && /^(starting|running)$/.test(String(data.status)) ? { started_at: now.started_at ?? String(data.reportedAt) } : {};
    case 'ExperimentPinned':
    case 'ExperimentUnpinned':
      return { is_pinned: type === 'ExperimentPinned' };
    case 'ExperimentDescribed': {
      const { name = now.name, description = now.description, tags = now.tags, params = now.params } = data as unknown as ExperimentDescribed['data'];
      return { name, description, tags, params };
    }
    default:
      return {};
  }
}

/** Beside what is the experiment's own: what it was given to go on from, and whether that was read. */
function differencesBetween(before: readonly HistoryEntry[], after: readonly HistoryEntry[]): Difference[] {
  return [...difference(seen(before), seen(after))];
}

function seen(history: readonly HistoryEntry[]): JsonMapping {
  const offer = offerOf(history);
  const { content: _, ...body } = foldAll(history) ?? {};
  return JSON.parse(JSON.stringify({ ...body, ...(offer && { checkpoint: offer.offered?.path ?? null, checkpoint_read: offer.read }) })) as JsonMapping;
}
