// Which mistakes must the rules catch, or they are no rules?
import type { ExperimentEvent, RunEvent } from '#contracts';
import type { Decider } from '#decider';
import { experimentDecider, type ExperimentCommand } from '../../apps/api-gateway/src/experiment/decider.ts';
import { liveWriter, type Original } from '../../apps/api-gateway/src/experiment/experiment.ts';
import { runDecider, type RunCommand } from '../../apps/scheduler/src/run/decider.ts';
import type { Run } from '../../apps/scheduler/src/run/run.ts';
import type { Mutation } from './memory-event-store.ts';
import type { Mutant } from './story.ts';

/** The shipping decider, but for what `change` replaces. */
function instead<State, Command, Event>(of: Decider<State, Command, Event>, change: Partial<Decider<State, Command, Event>>): { readonly decider: Mutation } {
  const changed = { ...of, ...change } as unknown as ReturnType<Mutation>;
  return { decider: (decider) => ((decider as unknown) === of ? changed : decider) };
}

const experiment = (decide: (command: ExperimentCommand, original: Original) => ExperimentEvent[]) => instead(experimentDecider, { decide });
const run = (change: Partial<Decider<Run, RunCommand, RunEvent>>) => instead(runDecider, change);

const allDone = ({ experiments, ...original }: Original): Original => ({
  ...original,
  experiments: new Map([...experiments].map(([id, one]) => [id, one.state === 'live' ? { ...one, state: 'done' } : one])),
});

/** Each by the mistake it makes. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'a resume that doesn’t look whether another writes': experiment((command, original) =>
    experimentDecider.decide(command, command.type === 'ResumeExperiment' ? allDone(original) : original)),

  'a scheduler that doesn’t wait for OutputsCopied': run({
    evolve(state, event) {
      const isCopy = event.type === 'RunQueued' && event.data.cloningStrategy === 'copy';
      return { ...runDecider.evolve(state, event), ...(isCopy && { outputsReady: true }) };
    },
  }),

  'an end that doesn’t ask which run has ended': experiment((command, original) => {
    const live = liveWriter(original);
    if (command.type !== 'EndExperiment' || !live) return experimentDecider.decide(command, original);
    return experimentDecider.decide({ ...command, data: { ...command.data, experimentId: live.order.experimentId } }, original);
  }),

  'an end that doesn’t wait for the logs': {
    endings: (table) => ({ ...table, find: async (...of) => table.find(...of).then((known) => known && { ...known, logsEnded: true }) }),
  },

  'a stop that takes a live run for ended': run({
    decide: (command, state) => runDecider.decide(command, command.type === 'StopRun' ? { ...state, state: 'waiting' } : state),
  }),

  'a deletion that takes the outputs from the others': experiment((command, original) => {
    if (command.type !== 'DeleteExperiment') return experimentDecider.decide(command, original);
    const alone = new Map([...original.experiments].filter(([id]) => id === command.data.experimentId));
    return experimentDecider.decide(command, { ...original, experiments: alone });
  }),

  'a copy that is shown unchecked': { hasHastyCopies: true },
};
