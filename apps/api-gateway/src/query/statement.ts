// Where do the values of a statement stay, so that nothing a user wrote is ever part of its text?

/** Values are handed over beside the text; `bind` answers their place in it. */
export class Statement {
  readonly values: unknown[] = [];

  bind(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}
