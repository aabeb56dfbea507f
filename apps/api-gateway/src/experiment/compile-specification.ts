// What does this polyaxonfile come to with these overrides?
import { Refusal } from '#decider';
import { compile, difference, override, parseOverride, parsePolyaxonfile, type RawSpecification, type Specification } from '#polyaxonfile';
import type { Compiled, CompiledSpecification } from './specification.ts';

/** Pure, but as slow as its input: it runs in a thread of its own (polyaxonfile-worker.ts). */
export function compileSpecification(content: string, overrides: readonly string[]): Compiled {
  const raw = parsePolyaxonfile(content);
  const before = compiled(raw, compile(raw));
  if (overrides.length === 0) return { before, after: before, differences: [] };
  const merged = override(raw, ...overrides.map((text) => parseOverride(text)));
  return { before, after: compiled(merged, compile(merged, { code: 'override-invalid' })), differences: difference(raw, merged) };
}

function compiled(raw: RawSpecification, { kind, name, description, tags, params, environment, run }: Specification): CompiledSpecification {
  if (kind !== 'experiment') throw new Refusal('polyaxonfile-invalid', `kind: expected experiment, found ${kind}, which this platform does not run yet`, 'polyaxon check -f polyaxonfile.yml');
  const rendered = { content: JSON.stringify(raw), params, command: run.cmd, environment };
  return { rendered, name: name ?? null, description: description ?? null, tags };
}
