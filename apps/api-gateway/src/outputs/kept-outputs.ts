// Where are the outputs of an experiment, unless they were deleted?
import { outputsDeletedOf } from '../experiment/delete-outputs.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import type { Outputs } from './outputs-reader.ts';

export function keptOutputs({ id, outputsPath, outputsStore, body }: ExperimentView): Outputs {
  if (body.outputs_state === 'kept') return { outputsPath, outputsStore };
  throw outputsDeletedOf(id);
}
