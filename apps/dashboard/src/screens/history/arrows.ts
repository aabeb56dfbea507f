// Which event of another service did an event come of, and what did others make of it?
import { categoryOf, owners, type HistoryEntry, type Service } from '#contracts';

export interface Arrow {
  /** Of the event at its other end. */
  readonly position: number;
  readonly service: Service;
  readonly afterMs: number;
}

export interface Arrows {
  readonly from: Arrow | null;
  readonly to: readonly Arrow[];
}

/** Of each event, in order. What a service does of its own has no arrow, and neither has what came of another run's event. */
export function arrowsOf(history: readonly HistoryEntry[]): readonly Arrows[] {
  const places = new Map(history.map(({ id }, index) => [id, index]));
  const arrows = history.map(() => ({ from: null as Arrow | null, to: [] as Arrow[] }));
  history.forEach(({ caused_by: by, stream, time }, index) => {
    const causeIndex = places.get(by ?? '');
    const cause = causeIndex === undefined ? undefined : history[causeIndex];
    if (causeIndex === undefined || !cause || serviceOf(cause.stream) === serviceOf(stream)) return;
    const afterMs = Math.max(0, Date.parse(time) - Date.parse(cause.time));
    (arrows[index] as Arrows & { from: Arrow | null }).from = { position: causeIndex + 1, service: serviceOf(cause.stream), afterMs };
    arrows[causeIndex]?.to.push({ position: index + 1, service: serviceOf(stream), afterMs });
  });
  return arrows;
}

function serviceOf(stream: string): Service {
  return owners[categoryOf(stream)];
}
