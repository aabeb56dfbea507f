#!/usr/bin/env node
// What happens between a typed command and its exit code?
import { CommanderError, type Command } from 'commander';
import { normaliseArguments } from './arguments.ts';
import { exitCodes, failureOf, usageFailure } from './failure.ts';
import { outputOf } from './output.ts';
import { grammarOf, treeOf } from './program.ts';
import { Session } from './session.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const out = outputOf(words);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failure));
  const session = new Session(out);
  process.on('SIGINT', () => {
    session.interrupt();
    process.exit(exitCodes.interrupted);
  });
  const tree = treeOf(session);
  try {
    if (words.length === 0) {
      tree.root.outputHelp();
      return exitCodes.ok;
    }
    await tree.root.parseAsync(normaliseArguments(words, grammarOf(tree.root)), { from: 'user' });
    return tree.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    const failure = error instanceof CommanderError ? misuse(error, tree.root, words) : failureOf(error);
    if (failure) out.failure(failure, error);
    return failure?.exitCode ?? exitCodes.usage;
  }
}

/** Null: a noun without its verb, whose help was shown instead. */
function misuse({ code, message }: CommanderError, root: Command, words: readonly string[]): ReturnType<typeof usageFailure> | null {
  if (code === 'commander.help') return null;
  let [nearest, name] = [root, root.name()];
  for (const word of words) {
    const below = nearest.commands.find((command) => command.name() === word);
    if (below) [nearest, name] = [below, `${name} ${word}`];
  }
  return usageFailure(message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' '), `${name} --help`);
}
