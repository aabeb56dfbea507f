// How much may the templates of one polyaxonfile do?
import type { Json } from './json.ts';

/** A template can't be rendered; the message is for its author. */
export class TemplateProblem extends Error {}

/** Counted in characters and items touched, so that what a file may cost doesn't depend on how clever it is. */
export class Budget {
  private left = 2_000_000;

  spend(amount: number): void {
    this.left -= amount;
    if (this.left < 0) throw new TemplateProblem('the templates of this file do more than is allowed');
  }

  /** As much as writing the value down would cost. */
  spendOn(value: Json): void {
    this.spend(typeof value === 'string' ? value.length + 1 : 1);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value as Readonly<Record<string, Json>>)) {
      this.spend(key.length);
      this.spendOn(item);
    }
  }
}
