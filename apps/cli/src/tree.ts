// What is a command, and how is one defined?
import { Command } from 'commander';
import type { Session } from './session.ts';

export type Run<Options, Words extends unknown[] = []> = (session: Session, options: Options, ...words: Words) => Promise<number | void>;

/** Defines commands; what they do is loaded when they run, so that the program starts fast. */
export class Tree {
  readonly root: Command;
  exitCode = 0;

  constructor(private readonly session: Session) {
    this.root = new Command('polyaxon').description('Runs training experiments and never loses their progress: stop, resume, restart, copy.');
    this.root.exitOverride().configureOutput({ outputError: () => undefined });
    this.root.addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 refused, 5 conflict, 6 not logged in or not allowed, 7 timeout, 130 interrupted.',
    );
  }

  noun(name: string, description: string): Command {
    return this.root.command(name).description(description).helpCommand(false);
  }

  /** A command that does something: `usage` names it and its words; `load` brings what it does. */
  command<Options, Words extends unknown[]>(parent: Command, usage: string, description: string, load: () => Promise<Run<Options, Words>>): Command {
    const command = parent.command(usage).description(description);
    command.action(async (...given: unknown[]) => {
      const options = given.at(-2) as Options;
      const words = given.slice(0, -2) as Words;
      const run = await load();
      this.exitCode = (await run(this.session, options, ...words)) ?? 0;
    });
    return command;
  }
}

export function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}
