// What goes to stdout, what to stderr, and in which form? Results on stdout; notices on stderr; with `-o json|yaml` nothing but the result, or the problem.
import picocolors from 'picocolors';
import type { CommandFailure } from './failure.ts';

export type Paint = ReturnType<typeof picocolors.createColors>;

export const formats = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof formats)[number];

export interface Shown {
  /** The text for people; `wide` asks for every column. */
  readonly text: (paint: Paint, wide: boolean) => string | Promise<string>;
  /** What `-o name` prints: one a line. */
  readonly name: string | readonly string[];
}

export class Output {
  readonly paint: Paint;
  readonly paintNotice: Paint;
  readonly structured: boolean;
  /** A person watches stderr: bars and questions make sense. */
  readonly interactive: boolean;

  constructor(
    readonly format: Format,
    private readonly manners: { readonly quiet: boolean; readonly color: boolean; readonly debug: boolean },
  ) {
    this.structured = format === 'json' || format === 'yaml';
    this.paint = picocolors.createColors(manners.color && isPainted(process.stdout));
    this.paintNotice = picocolors.createColors(manners.color && isPainted(process.stderr));
    this.interactive = process.stderr.isTTY === true && !manners.quiet && !this.structured;
  }

  async result(value: unknown, { text, name }: Shown): Promise<void> {
    if (this.format === 'json') this.line(JSON.stringify(value, null, 2));
    else if (this.format === 'yaml') this.text((await import('yaml')).stringify(value));
    else if (this.format === 'name') for (const one of [name].flat()) this.line(one);
    else this.line(await text(this.paint, this.format === 'wide'));
  }

  /** The one-line messages of the original command line, or the answer behind them. */
  async said(message: string, value: unknown, name: string): Promise<void> {
    await this.result(value, { text: () => message, name });
  }

  line(text: string): void {
    this.text(`${text}\n`);
  }

  text(text: string | Uint8Array): void {
    process.stdout.write(text);
  }

  notice(text: string): void {
    if (!this.manners.quiet && !this.structured) process.stderr.write(`${text}\n`);
  }

  next(...commands: readonly string[]): void {
    commands.forEach((command, index) => this.notice(`${this.paintNotice.dim(index === 0 ? 'next:' : '     ')} ${command}`));
  }

  failure(failure: CommandFailure, cause: unknown): void {
    const { code, message, fix, problem } = failure;
    if (this.structured) {
      process.stderr.write(
        `${JSON.stringify(problem ?? { type: `urn:polyaxon:${code}`, title: code.replaceAll('-', ' '), code, detail: message, ...(fix && { fix }) })}\n`,
      );
    } else {
      process.stderr.write(`${this.paintNotice.red('error:')} ${message}\n`);
      if (fix) process.stderr.write(`${this.paintNotice.cyan('  fix:')} ${fix}\n`);
      if (problem?.requestId && problem.status >= 500) process.stderr.write(`  request id: ${problem.requestId}\n`);
    }
    if (this.manners.debug && cause instanceof Error) process.stderr.write(`${cause.stack ?? ''}\n`);
  }
}

/** Read before the arguments are parsed, so that a mistake in them is reported in the form they ask for. */
export function outputOf(words: readonly string[]): Output {
  const index = words.findIndex((word) => word === '-o' || word === '--output');
  const attached = words.find((word) => /^(--output=|-o.)/.test(word));
  const asked = index >= 0 ? words[index + 1] : attached?.replace(/^(--output=|-o=?)/, '');
  const format = formats.find((one) => one === asked) ?? 'table';
  return new Output(format, { quiet: words.includes('--quiet'), color: !words.includes('--no-color'), debug: words.includes('--debug') });
}

function isPainted(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  return FORCE_COLOR ? FORCE_COLOR !== '0' : stream.isTTY === true && TERM !== 'dumb';
}
