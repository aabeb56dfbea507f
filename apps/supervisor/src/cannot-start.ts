// What does the platform say when it can't start?

/** One line of what and why, one of what to do; no stack. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';

  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message);
  }
}
