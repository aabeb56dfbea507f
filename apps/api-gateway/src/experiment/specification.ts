// What does a polyaxonfile come to, once overrides are merged and templates rendered?
import type { Difference } from '#contracts';
import type { RenderedSpecification } from './clone.ts';

export interface CompiledSpecification {
  readonly rendered: RenderedSpecification;
  readonly name: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
}

export interface Compiled {
  readonly before: CompiledSpecification;
  readonly after: CompiledSpecification;
  readonly differences: readonly Difference[];
}

/** Reads what users wrote: slow or endless input must not hold up anybody else, so it is done elsewhere and with a limit of time. */
export interface SpecificationCompiler {
  compile(content: string, overrides: readonly string[]): Promise<Compiled>;
}
