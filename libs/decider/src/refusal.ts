// How does the business say no?

/**
 * A rule forbids what was asked; nothing happened. `code` is from the closed union in contracts, `message` says what and why in one line,
 * `fix` is the command that would work. Never retried, never logged as a failure.
 */
export class Refusal<Code extends string = string> extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: Code,
    message: string,
    readonly fix?: string,
  ) {
    super(message);
  }
}
