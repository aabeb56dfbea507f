// Which event does a refusal come of?
import type { CauseBody, ExperimentId } from '#contracts';
import type { Recorded } from '#event-store';
import { liveWriter, type Original } from './experiment.ts';

const begins = new Set(['ExperimentCreated', 'ExperimentResumeRequested', 'ExperimentRestartRequested', 'ExperimentCopyRequested']);

/** Of the stream where the source lives with all its resumes. Null: it comes of no event, but of what is in the outputs, or of the request itself. */
export function causeOf(code: string, sourceId: ExperimentId, events: readonly Recorded[], original: Original): CauseBody | null {
  const latest = (isIt: (type: string) => boolean, id: ExperimentId) => events.findLast(({ type, data }) => isIt(type) && (data as { experimentId?: number }).experimentId === id);
  switch (code) {
    case 'experiment-not-done': {
      const live = liveWriter(original)?.order.experimentId;
      return live === undefined ? null : causeIn(latest((type) => begins.has(type), live));
    }
    case 'outputs-deleted':
      return causeIn(events.findLast(({ type }) => type === 'ExperimentOutputsDeleteRequested'));
    case 'experiment-never-ran':
      return causeIn(latest((type) => type === 'ExperimentDone', sourceId));
    case 'experiment-not-found':
      return causeIn(latest((type) => type === 'ExperimentDeleted', sourceId));
    default:
      return null;
  }
}

function causeIn(event: Recorded | undefined): CauseBody | null {
  if (!event) return null;
  const { experimentId } = event.data as { experimentId: number };
  return { event_id: event.id, experiment_id: experimentId, type: event.type, actor: event.metadata.actor, time: event.time };
}
