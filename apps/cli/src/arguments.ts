// Which command is meant, wherever its options stand, and how are two-letter options spelled?

export interface Flag {
  readonly takesValue: boolean;
  /** The spelling that means the same at every level of the tree. */
  readonly long: string;
}
export type Flags = ReadonlyMap<string, Flag>;
export interface Grammar {
  readonly options: Flags;
  readonly commands: ReadonlyMap<string, Grammar>;
}

/**
 * `experiment -xp 23 --copy restart -f a.yml` becomes `experiment restart --experiment 23 --copy -f a.yml`. Before the verb an option is the
 * noun's (`-p` is the project) if the noun has it, else the verb's; after the verb it is the verb's (`logs -p` is `--past`).
 */
export function normaliseArguments(words: readonly string[], grammar: Grammar): string[] {
  const end = words.indexOf('--');
  const [options, operands] = end < 0 ? [words, []] : [words.slice(0, end), words.slice(end)];
  return [...descend(options.map(respell), grammar, new Map()), ...operands];
}

/** Option parsers know one-letter options only, `-f=x` not at all; and the original's names have underscores. */
function respell(word: string): string {
  const id = /^-xp=?(.*)$/s.exec(word);
  if (id) return id[1] ? `--experiment=${id[1]}` : '--experiment';
  const attached = /^-(\w)=(.+)$/s.exec(word);
  if (attached) return `-${attached[1]}${attached[2]}`;
  const long = /^(--[a-z_]+)(=.*)?$/s.exec(word);
  return long?.[1]?.includes('_', 2) ? long[1].replaceAll('_', '-') + (long[2] ?? '') : word;
}

function descend(words: readonly string[], { options, commands }: Grammar, inherited: Flags): string[] {
  if (commands.size === 0) return [...words];
  const known = new Map([...inherited, ...options]);
  const index = indexOfCommand(words, commands, known);
  const word = words[index];
  if (word === undefined) return [...words];
  const hoisted = spelledOut(words.slice(0, index), known);
  const rest = [...hoisted, ...words.slice(index + 1)];
  const command = commands.get(word);
  return [word, ...(command ? descend(rest, command, known) : rest)];
}

/** The first word that names a command and is, by that command's own options, not the value of one before it; else the first plain word, for a suggestion. */
function indexOfCommand(words: readonly string[], commands: ReadonlyMap<string, Grammar>, known: Flags): number {
  const candidates = words.flatMap((word, index) => (commands.has(word) ? [index] : []));
  const accepted = candidates.find((index) => firstPlainWord(words, new Map([...optionsBelow(commands.get(words[index]!)!), ...known])) === index);
  if (accepted !== undefined) return accepted;
  const anyOption = [...commands.values()].flatMap((command) => [...optionsBelow(command)]).sort(([, a], [, b]) => Number(a.takesValue) - Number(b.takesValue));
  return firstPlainWord(words, new Map([...anyOption, ...known]));
}

function optionsBelow({ options, commands }: Grammar): Flags {
  return new Map([...[...commands.values()].flatMap((command) => [...optionsBelow(command)]), ...options]);
}

function firstPlainWord(words: readonly string[], flags: Flags): number {
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (!word.startsWith('-') || word === '-') return index;
    if (expectsValue(word, flags)) index++;
  }
  return -1;
}

/** `-f`, or the last of a cluster such as `-uf`; not `--file=x`, nor `-fx`, which carry theirs. */
function expectsValue(word: string, flags: Flags): boolean {
  if (word.startsWith('--')) return flags.get(word)?.takesValue ?? false;
  const letters = [...word.slice(1)];
  const first = letters.findIndex((letter) => flags.get(`-${letter}`)?.takesValue);
  return first >= 0 && first === letters.length - 1;
}

function spelledOut(words: readonly string[], known: Flags): string[] {
  const spelled: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    spelled.push(known.get(word)?.long ?? word);
    const value = words[index + 1];
    if (value !== undefined && expectsValue(word, known)) spelled.push(words[++index]!);
  }
  return spelled;
}
