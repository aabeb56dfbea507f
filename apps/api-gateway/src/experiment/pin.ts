// Are its outputs to stay, whatever rules say?
import type { ExperimentPinned, ExperimentUnpinned } from '#contracts';
import { knownExperiment, type Original } from './experiment.ts';

export interface PinExperiment {
  readonly type: 'PinExperiment';
  readonly data: ExperimentPinned['data'];
}

export interface UnpinExperiment {
  readonly type: 'UnpinExperiment';
  readonly data: ExperimentUnpinned['data'];
}

/** Also while it runs, and whatever has become of its outputs: a pin is a wish for later. */
export function pin({ data }: PinExperiment, original: Original): ExperimentPinned[] {
  return knownExperiment(original, data.experimentId).isPinned ? [] : [{ type: 'ExperimentPinned', data }];
}

export function unpin({ data }: UnpinExperiment, original: Original): ExperimentUnpinned[] {
  return knownExperiment(original, data.experimentId).isPinned ? [{ type: 'ExperimentUnpinned', data }] : [];
}
