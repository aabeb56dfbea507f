// What does every sheet know, and how does it close?
import type { CheckpointsBody, ExperimentBody } from '#contracts';
import { address, addressWith, go } from '../../shell/navigation.ts';
import type { Which } from '../experiment/address.ts';

export interface Sheet {
  readonly experiment: ExperimentBody;
  readonly checkpoints: CheckpointsBody | undefined;
  readonly which: Which;
}

export function closeSheet(): void {
  if (address.value.searchParams.has('do')) go(addressWith({ do: null, from: null }), { replace: true });
}
