// What was an experiment given to go on from, and did its program read it?
import type { CheckpointOffer, CheckpointOfferBody, HistoryEntry } from '#contracts';

/** Of the events that name it: the last word on the reading is its program's own, then what was seen of its files. */
export function offerOf(history: readonly Pick<HistoryEntry, 'type' | 'data'>[]): CheckpointOfferBody | null {
  const given = history.flatMap(({ data }) => ('checkpoint' in data ? [data.checkpoint as CheckpointOffer] : [])).at(0);
  if (!given) return null;
  const { offered, setAside } = given;
  return { offered, set_aside: setAside, ...readingOf(history) };
}

function readingOf(history: readonly Pick<HistoryEntry, 'type' | 'data'>[]): Pick<CheckpointOfferBody, 'read' | 'read_how'> {
  const seen = history.filter(({ type }) => type === 'RunCheckpointRead').map(({ data }) => data as { read: boolean; how: string });
  const told = history.find(({ type }) => type === 'ExperimentCheckpointRead');
  if (told) return { read: 'read', read_how: 'its program says so' };
  const last = seen.find(({ read }) => read) ?? seen.at(-1);
  return last ? { read: last.read ? 'read' : 'not read', read_how: last.how } : { read: 'unknown', read_how: null };
}
