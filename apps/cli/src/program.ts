// What is the whole tree of commands, and what is the same in all of them?
import { Option, type Command } from 'commander';
import type { Flag, Flags, Grammar } from './arguments.ts';
import { defineAccount } from './commands/account.ts';
import { defineAdmin } from './commands/admin.ts';
import { defineCode } from './commands/code.ts';
import { defineCompletion } from './commands/completion.ts';
import { defineConfig } from './commands/config.ts';
import { defineEvents } from './commands/events.ts';
import { defineExperiment } from './commands/experiment.ts';
import { defineGroup } from './commands/group.ts';
import { defineProject } from './commands/project.ts';
import { defineRun } from './commands/run.ts';
import { formats } from './output.ts';
import type { Session } from './session.ts';
import { leaves, Tree } from './tree.ts';

export function treeOf(session: Session): Tree {
  const tree = new Tree(session);
  for (const define of [defineAccount, defineConfig, defineProject, defineCode, defineRun, defineExperiment, defineGroup, defineEvents, defineAdmin, defineCompletion]) define(tree);
  for (const command of leaves(tree.root)) addSharedOptions(command);
  return tree;
}

function addSharedOptions(command: Command): void {
  command
    .addOption(
      new Option('-o, --output <format>', 'form of the result; json and yaml leave nothing else on stdout and stderr')
        .choices([...formats])
        .default('table')
        .helpGroup('Everywhere:'),
    )
    .addOption(new Option('--quiet', 'no notices').helpGroup('Everywhere:'))
    .addOption(new Option('--no-color', 'no colours (also NO_COLOR)').helpGroup('Everywhere:'))
    .addOption(new Option('--debug', 'show where a failure comes from').helpGroup('Everywhere:'));
}

/** What the arguments of this tree mean: shared options anywhere, a noun's also before its verb. */
export function grammarOf(root: Command): Grammar {
  const shared = new Map([...both('-o', '--output', true), ...['--quiet', '--no-color', '--debug'].flatMap((long) => both(undefined, long, false))]);
  const noun = new Map([...both('-p', '--project', true), ...both(undefined, '--experiment', true), ...both('-g', '--group', true)]);
  const below = (command: Command): Grammar => ({
    options: command.commands.length > 0 ? noun : flagsOf(command),
    commands: new Map(command.commands.map((one) => [one.name(), below(one)])),
  });
  return { options: shared, commands: below(root).commands };
}

function flagsOf({ options }: Command): Flags {
  return new Map(options.flatMap(({ short, long, required, optional }) => both(short, long ?? short ?? '', required || optional)));
}

function both(short: string | undefined, long: string, takesValue: boolean): [string, Flag][] {
  return [short, long].flatMap((spelling): [string, Flag][] => (spelling ? [[spelling, { takesValue, long }]] : []));
}
