// What was an experiment given to go on from?
import type { CheckpointOffer, CheckpointOfferBody, HistoryEntry } from '#contracts';

/** Of the events that name it. Whether its program read the checkpoint isn't looked at yet, so nothing is claimed of it. */
export function offerOf(history: readonly Pick<HistoryEntry, 'data'>[]): CheckpointOfferBody | null {
  const [given] = history.flatMap(({ data }) => ('checkpoint' in data ? [data.checkpoint as CheckpointOffer] : []));
  return given ? { offered: given.offered, set_aside: given.setAside, read: 'unknown', read_how: null } : null;
}
