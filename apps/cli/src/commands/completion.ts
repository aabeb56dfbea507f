// What can be typed next? Written for a shell from the tree of commands itself.
import { Argument, type Command } from 'commander';
import { leaves, type Run, type Tree } from '../tree.ts';

type Shell = 'bash' | 'zsh' | 'fish';
interface Choice {
  /** `experiment resume`, or `` for the first word. */
  readonly after: string;
  readonly words: readonly string[];
}

export function defineCompletion(tree: Tree): void {
  const print: Run<object, [Shell]> = async ({ out }, _options, shell) => {
    const script = scripts[shell](choices(tree.root));
    await out.result({ shell, script }, { text: () => script, name: shell });
  };
  tree
    .command(tree.root, 'completion', 'a script that completes commands; add `source <(polyaxon completion bash)` to your shell', async () => print)
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']));
}

export function choices(root: Command): readonly Choice[] {
  const nouns = root.commands.filter(({ commands }) => commands.length > 0);
  const optionsOf = (command: Command) => command.options.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined));
  const nounOptions = (noun: Command) => (noun.name() === 'experiment' ? ['-xp', '-p'] : noun.name() === 'group' ? ['-g', '-p'] : []);
  return [
    { after: '', words: root.commands.map((command) => command.name()) },
    ...nouns.map((noun) => ({ after: noun.name(), words: [...noun.commands.map((verb) => verb.name()), ...nounOptions(noun)] })),
    ...leaves(root).map((leaf) => ({ after: nameOf(leaf, root), words: [...optionsOf(leaf), ...(leaf.parent ? nounOptions(leaf.parent) : [])] })),
  ];
}

function nameOf(leaf: Command, root: Command): string {
  return leaf.parent && leaf.parent !== root ? `${leaf.parent.name()} ${leaf.name()}` : leaf.name();
}

/** The words typed so far, without options and the numbers after -xp, are what the choices are looked up by. */
function bash(all: readonly Choice[]): string {
  return `_polyaxon() {
  local current="\${COMP_WORDS[COMP_CWORD]}" typed="" skip="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$skip" ]; then skip=""; continue; fi
    case "$word" in
      -xp|--experiment|-g|--group|-p|--project|-o|--output) skip=1 ;;
      -*) ;;
      *) typed="\${typed:+$typed }$word" ;;
    esac
  done
  local words=""
  case "$typed" in
${all.map(({ after, words }) => `    "${after}") words="${words.join(' ')}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -gt 0 ] || compopt -o default 2>/dev/null
}
complete -F _polyaxon polyaxon`;
}

function zsh(all: readonly Choice[]): string {
  const script = bash(all).replace('compopt -o default 2>/dev/null', 'COMPREPLY=($(compgen -f -- "$current"))');
  return `autoload -U +X bashcompinit && bashcompinit\n${script}`;
}

function fish(all: readonly Choice[]): string {
  const condition = (after: string) => {
    const [noun, verb] = after.split(' ');
    if (!noun) return '__fish_use_subcommand';
    return verb ? `__fish_seen_subcommand_from ${noun}; and __fish_seen_subcommand_from ${verb}` : `__fish_seen_subcommand_from ${noun}`;
  };
  return all.map(({ after, words }) => `complete -c polyaxon -n '${condition(after)}' -a '${words.join(' ')}'`).join('\n');
}

const scripts: Readonly<Record<Shell, (all: readonly Choice[]) => string>> = { bash, zsh, fish };
