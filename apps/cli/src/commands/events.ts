// What happens on the platform, as it happens?
import { followEvents, printEvent } from '../follow-events.ts';
import type { ExperimentOptions } from '../session.ts';
import type { Run, Tree } from '../tree.ts';
import { repeated } from './repeated.ts';
import { wholeNumber } from './lists.ts';

interface TailOptions extends ExperimentOptions {
  readonly type?: readonly string[];
  readonly past?: boolean;
  readonly since?: string;
}

export function defineEvents(tree: Tree): void {
  const events = tree.noun('events', 'What happens on the platform');
  tree
    .command(events, 'tail', 'events of all you may see, one a line, until Ctrl-C', async () => tail)
    .option('--type <name>', 'only these, repeatable: OutputsCopied, ExperimentDone ...', repeated)
    .option('--experiment <number>', 'only of this experiment (also -xp)')
    .option('--past', 'from the very first one, not from now')
    .option('--since <id>', 'after this event');
}

const tail: Run<TailOptions> = async (session, { type, experiment, past, since }) => {
  const number = experiment === undefined ? undefined : wholeNumber(experiment, '--experiment', 1);
  session.onInterrupt('stopped watching');
  const query = { type: type?.join(','), experiment: number, from: past ? 'beginning' : 'now' };
  await followEvents(session, { path: '/events', query, since }, (entry) => printEvent(session.out, entry));
};
