// What can be done with groups of experiments?
import type { Command } from 'commander';
import type { Run, Tree } from '../tree.ts';
import { withPages } from './lists.ts';
import { repeated } from './repeated.ts';

export function defineGroup(tree: Tree): void {
  const group = tree.noun('group', 'Groups of experiments: -g NUMBER names one, else it is the one last used in this folder');
  group.addHelpText('after', '\nA group is made from a polyaxonfile of kind group, or of copies of one experiment:\n  polyaxon run -f sweep.yml\n  polyaxon experiment -xp 23 restart --copy -f matrix.yml');
  const show = () => import('./group-show.ts');
  const changes = () => import('./group-change.ts');
  const define = <Options, Words extends unknown[]>(usage: string, description: string, load: () => Promise<Run<Options, Words>>): Command => {
    const command = tree.command(group, usage, description, load).option('-g, --group <id>', 'its number, or user.project.number');
    return usage === 'experiments' ? command.option('--project <project>', '-p before the verb') : command.option('-p, --project <project>', 'NAME or USER/NAME');
  };
  define('get', 'what it searches and how it stands', async () => (await show()).get);
  withPages(define('experiments', 'its members', async () => (await show()).experiments))
    .option('-m, --metrics', 'a column for each metric: its last value')
    .option('-p, --params', 'a column for each param')
    .option('-q, --query <query>', "such as 'status: running|failed, metrics.loss: <=0.1'")
    .option('-s, --sort <fields>', "such as 'metrics.loss'");
  withPages(define('statuses', 'every status it had', async () => (await show()).statuses));
  define('wait', 'until it is done; the exit code says how', async () => (await show()).wait).option('--timeout <seconds>', 'no longer than this');
  define('stop', 'let its members save and end', async () => (await changes()).stop)
    .option('-y, --yes', "don't ask")
    .option('--pending', 'only those that have not started; what runs goes on to its end');
  define('resume', 'what has succeeded stays, what was stopped or failed goes on in its outputs', async () => (await changes()).resume)
    .option('-f, --file <file>', 'polyaxonfile with what to override in what its members run, repeatable: later ones win', repeated)
    .option('-u, --upload', 'upload this folder first and run it')
    .option('--force', 'also members whose checkpoints are all damaged')
    .option('--wait', 'wait for the end; the exit code says how');
  define('update', 'change what is said of it', async () => (await changes()).update)
    .option('--name <name>')
    .option('--description <text>')
    .option('--tags <a,b>');
  define('delete', 'remove it, with its members, their outputs and logs', async () => (await changes()).remove).option('-y, --yes', "don't ask");
}
