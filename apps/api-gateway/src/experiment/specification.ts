// What does a polyaxonfile come to, once overrides are merged and templates rendered?
import type { Difference } from '#contracts';
import type { Hptuning } from '#polyaxonfile';
import type { Suggestion, Trial } from '../group/search/search.ts';
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

/** A polyaxonfile of kind group: its members are rendered one by one. */
export interface CompiledGroup {
  /** Raw, JSON text. */
  readonly content: string;
  /** With a seed, so that the same results lead to the same search again. */
  readonly hptuning: Hptuning & { readonly seed: number };
  readonly name: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly first: readonly Suggestion[];
  /** Of its first member, rendered. */
  readonly environment: Readonly<Record<string, unknown>>;
}

export interface CompiledGroupChange {
  readonly group: CompiledGroup;
  /** What is merged into what each member ran. */
  readonly ofMembers: string;
}

export interface GroupLimits {
  /** Used when the polyaxonfile has none. */
  readonly seed: number;
  readonly membersMax: number;
}

/** Reads what users wrote: slow or endless input must not hold up anybody else, so it is done elsewhere and with a limit of time. */
export interface SpecificationCompiler {
  compile(content: string, overrides: readonly string[]): Promise<Compiled>;
}

export interface GroupCompiler extends SpecificationCompiler {
  /** Of what the overrides make of it. */
  kindOf(content: string, overrides: readonly string[]): Promise<string>;
  compileGroup(content: string, overrides: readonly string[], limits: GroupLimits): Promise<CompiledGroup>;
  compileGroupChange(content: string, change: string, limits: GroupLimits): Promise<CompiledGroupChange>;
  nextIteration(hptuning: Hptuning, past: readonly (readonly Trial[])[]): Promise<readonly Suggestion[]>;
}
