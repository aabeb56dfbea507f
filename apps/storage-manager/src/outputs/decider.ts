// Which decisions are there about an outputs path?
import type { OutputsEvent } from '#contracts';
import type { Decider } from '#decider';
import { copied, type CompleteCopy } from './copied.ts';
import { copyFailed, type FailCopy } from './copy-failed.ts';
import { deleted, type DeleteOutputs } from './deleted.ts';
import { evolve, unknownOutputs, type Outputs } from './outputs.ts';
import { prepare, type PrepareOutputs } from './prepare.ts';
import { startCopy, type StartCopy } from './start-copy.ts';

export type OutputsCommand = PrepareOutputs | StartCopy | CompleteCopy | FailCopy | DeleteOutputs;

export const outputsDecider: Decider<Outputs, OutputsCommand, OutputsEvent> = {
  initialState: unknownOutputs,
  evolve,
  decide(command, outputs) {
    switch (command.type) {
      case 'PrepareOutputs':
        return prepare(command, outputs);
      case 'StartCopy':
        return startCopy(command, outputs);
      case 'CompleteCopy':
        return copied(command, outputs);
      case 'FailCopy':
        return copyFailed(command, outputs);
      case 'DeleteOutputs':
        return deleted(command, outputs);
      default:
        return command satisfies never;
    }
  },
};
