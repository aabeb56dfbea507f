// What can be done with experiments?
import type { Command } from 'commander';
import type { Run, Tree } from '../tree.ts';
import { withPages } from './lists.ts';
import { repeated } from './repeated.ts';

export function defineExperiment(tree: Tree): void {
  const experiment = tree.noun('experiment', 'Experiments: -xp NUMBER names one, else it is the one last used in this folder');
  experiment.addHelpText(
    'after',
    '\nOptions may stand before or after the verb:\n  polyaxon experiment -xp 23 resume -u\n' +
      '  polyaxon experiment -xp 23 --copy restart -f polyaxonfile_override.yml',
  );
  const define: Define = (usage, description, load) => {
    const command = tree.command(experiment, usage, description, load).option('--experiment <id>', 'also -xp: its number, or user.project.number');
    return usage === 'logs' ? command.option('--project <project>', '-p before the verb') : command.option('-p, --project <project>', 'NAME or USER/NAME');
  };
  defineReads(define);
  defineClones(define);
  defineWatches(define);
  defineChanges(define);
}

type Define = <Options, Words extends unknown[]>(usage: string, description: string, load: () => Promise<Run<Options, Words>>) => Command;

function defineClones(define: Define): void {
  const clone = (verb: 'resume' | 'restart', description: string) =>
    define(verb, description, async () => (await import('./experiment-clone.ts'))[verb])
      .option('-f, --file <file>', 'polyaxonfile with what to override, repeatable: later ones win', repeated)
      .option('-u, --upload', 'upload this folder first and run it')
      .option('--plan', 'show what would happen, and do nothing')
      .option('--plan-token <token>', 'of a plan: only if nothing that it has seen has changed')
      .option('-l, --logs', "follow the log; the exit code is the run's")
      .option('--wait', "wait for the end; the exit code is the run's")
      .option('--name <name>')
      .option('--description <text>')
      .option('--tags <a,b>')
      .option('--ttl <seconds>', 'keep it so long when done');
  clone('resume', 'go on from its checkpoints, into the same outputs')
    .option('--from <checkpoint>', 'go on from this one (path, name or step); later ones are set aside, not deleted')
    .option('--force', 'also when the outputs are empty or every checkpoint is damaged; nothing is set aside');
  clone('restart', 'train again, into outputs of its own')
    .option('-c, --copy', 'filled with a copy of its outputs first')
    .option('--from <checkpoint>', 'with a copy up to this checkpoint (path, name or step)')
    .option('--force', 'copy also when every checkpoint is damaged')
    .option('--copy-dir <path>', 'copy this folder of the outputs only, repeatable', repeated)
    .option('--copy-file <path>', 'copy this file of the outputs only, repeatable', repeated);
}

function defineReads(define: Define): void {
  const show = () => import('./experiment-show.ts');
  define('get', 'what it is and how it stands', async () => (await show()).get);
  withPages(define('statuses', 'every status it had', async () => (await show()).statuses));
  withPages(define('metrics', 'what it measured', async () => (await show()).metrics));
  define('history', 'every event that concerns it, in order', async () => (await show()).history);
  define('lineage', 'what it was cloned from, and what from it', async () => (await show()).lineage);
  define('checkpoints', 'from what it can be resumed, and whether it read what it was given', async () => (await import('./experiment-checkpoints.ts')).checkpoints);
  define('diff <one> [other]', 'what is different in the other: diff 23 31, or -xp 23 diff 31', async () => (await import('./experiment-diff.ts')).diff).option(
    '--exit-code',
    'exit code 1 when anything differs',
  );
  define('code', 'download the code it runs', async () => (await import('./experiment-code.ts')).code);
  define('outputs [action] [path]', 'download its outputs; or ls [PATH], tree [PATH], du [PATH], cat PATH, get PATH, link PATH, delete', async () => (await import('./experiment-outputs.ts')).outputs)
    .option('--to <path>', 'where to write what is downloaded')
    .option('--glob <pattern>', "get: every file whose path matches, such as 'checkpoints/*.pt' or '**/*.json'")
    .option('--sync <folder>', 'get: make this folder like the outputs, transferring only what differs')
    .option('--expires <time>', 'link: for so long, such as 30m; at most 24h (1h)')
    .option('--delete', 'get --sync: also delete what is here and not in the outputs')
    .option('-y, --yes', "delete: don't ask")
    .option('--force', 'delete: also when it is pinned');
}

function defineWatches(define: Define): void {
  const watches = () => import('./experiment-watch.ts');
  define('logs', 'what it printed', async () => (await watches()).logs)
    .option('-f, --follow', "on to the end; the exit code is the run's")
    .option('-p, --past', 'what is there already (also without it)')
    .option('--tail <lines>', 'the last so many lines')
    .option('--hide-time', 'without the times at the start of lines')
    .option('--attempt <number|all>', 'of this attempt, or of the whole chain of resumes')
    .option('--search <text>', 'only the lines that have it, with their numbers')
    .option('--regex', 'what is searched for is a regular expression')
    .option('--match-case', 'capital letters are other letters');
  define('wait', "until it is done; the exit code is the run's", async () => (await watches()).wait).option('--timeout <seconds>', 'no longer than this');
  define('events', 'what happens to it, as it happens', async () => (await watches()).events).option('--since <id>', 'after this event');
}

function defineChanges(define: Define): void {
  const changes = () => import('./experiment-change.ts');
  define('stop', 'let it save and end', async () => (await changes()).stop)
    .option('-y, --yes', "don't ask");
  define('update', 'change what is said of it', async () => (await changes()).update)
    .option('--name <name>')
    .option('--description <text>')
    .option('--tags <a,b>');
  define('pin', 'keep its outputs, whatever rules say', async () => (await changes()).pin);
  define('unpin', 'treat its outputs as those of others', async () => (await changes()).unpin);
  define('delete', 'remove it, with its outputs and logs', async () => (await changes()).remove).option('-y, --yes', "don't ask");
}
