// What does this polyaxonfile come to with these overrides?
import { Refusal } from '#decider';
import { compile, difference, override, parseOverride, parsePolyaxonfile, type Hptuning, type Override, type RawSpecification, type Specification } from '#polyaxonfile';
import { memberOf } from '../group/member-specification.ts';
import { nextIteration, sizeOf } from '../group/search/search.ts';
import type { Compiled, CompiledGroup, CompiledGroupChange, CompiledSpecification, GroupLimits } from './specification.ts';

/** Pure, but as slow as its input: it runs in a thread of its own (polyaxonfile-worker.ts). */
export function compileSpecification(content: string, overrides: readonly string[]): Compiled {
  const raw = parsePolyaxonfile(content);
  const before = compiled(raw, compile(raw));
  if (overrides.length === 0) return { before, after: before, differences: [] };
  const merged = merge(raw, overrides);
  return { before, after: compiled(merged, compile(merged, { code: 'override-invalid' })), differences: difference(raw, merged) };
}

/** The first and the last member are rendered, so that most mistakes are refused before anything is made. */
export function compileGroup(content: string, overrides: readonly string[], { seed, membersMax }: GroupLimits): CompiledGroup {
  const raw = merge(parsePolyaxonfile(content), overrides);
  const code = overrides.length > 0 ? 'override-invalid' : 'polyaxonfile-invalid';
  const { kind, name, description, tags, hptuning } = compile(raw, { code });
  if (kind !== 'group') throw new Refusal(code, `kind: expected group, found ${kind}`, 'polyaxon check -f polyaxonfile.yml');
  const seeded = { ...(hptuning as Hptuning), seed: (hptuning as Hptuning).seed ?? seed };
  const size = sizeOf(seeded);
  if (size > membersMax) {
    const why = `the group would have up to ${size} members, more than the ${membersMax} that are allowed here (POLYAXON_GROUP_MEMBERS_LIMIT)`;
    throw new Refusal('group-too-large', why, 'make the matrix smaller, or bound it with hptuning.grid_search.n_experiments');
  }
  const first = nextIteration(seeded, []);
  if (first.length === 0) throw new Refusal(code, 'hptuning.matrix: nothing to search, there is no member to make', 'polyaxon check -f polyaxonfile.yml');
  const [sample] = [...new Set([first.at(0), first.at(-1)])].flatMap((suggestion) => (suggestion ? [compile(memberOf(raw, suggestion.params), { code })] : []));
  return { environment: sample?.environment ?? {}, content: JSON.stringify(raw), hptuning: seeded, name: name ?? null, description: description ?? null, tags, first };
}

/** What members run, and how many at once, may change; which params are tried may not, or the results so far would mean nothing. */
export function compileGroupChange(content: string, change: string, limits: GroupLimits): CompiledGroupChange {
  const { hptuning: search, kind: _, ...ofMembers } = parseOverride(change);
  if (search === null) throw new Refusal('override-invalid', 'hptuning: a group stays a group, its search can not be removed');
  const [fixed] = Object.keys((search ?? {}) as object).filter((key) => !['concurrency', 'early_stopping'].includes(key));
  if (fixed !== undefined) throw new Refusal('override-invalid', `hptuning.${fixed}: the search of a group can't be changed, only concurrency and early_stopping`, 'polyaxon run -f polyaxonfile.yml');
  return { group: compileGroup(content, [change], limits), ofMembers: JSON.stringify(ofMembers) };
}

export function kindOf(content: string, overrides: readonly string[]): string {
  return String(merge(parsePolyaxonfile(content), overrides).kind);
}

/** An experiment becomes a group when an override brings a matrix. */
function merge(raw: RawSpecification, overrides: readonly string[]): RawSpecification {
  const patches: Override[] = overrides.map((text) => parseOverride(text));
  const merged = override(raw, ...patches);
  const becomesGroup = raw.kind === 'experiment' && merged.hptuning !== undefined && !patches.some(({ kind }) => kind === 'experiment');
  return becomesGroup ? { ...merged, kind: 'group' } : merged;
}

function compiled(raw: RawSpecification, { kind, name, description, tags, params, environment, build, run, framework, backend, logging }: Specification): CompiledSpecification {
  if (kind === 'group') throw new Refusal('polyaxonfile-invalid', 'kind: expected experiment, found group: what is made of it is asked for under groups', 'polyaxon run -f polyaxonfile.yml');
  if (kind !== 'experiment') throw new Refusal('polyaxonfile-invalid', `kind: expected experiment, found ${kind}, which this platform does not run yet`, 'polyaxon check -f polyaxonfile.yml');
  const logLevel = typeof logging?.level === 'string' ? logging.level.toUpperCase() : null;
  const rendered = {
    content: JSON.stringify(raw), params, command: run.cmd, environment, build: build ?? null, framework: framework ?? null, backend: backend ?? null, logLevel,
  };
  return { rendered, name: name ?? null, description: description ?? null, tags };
}
