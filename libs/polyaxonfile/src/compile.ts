// What exactly will run? A raw polyaxonfile with its templates rendered, its inputs filled in and everything checked once more.
import { TemplateProblem } from './budget.ts';
import type { Hptuning } from './hptuning.ts';
import { entryOf, isMapping, type Json, type JsonMapping } from './json.ts';
import { withParams } from './override.ts';
import { Params, withDefaults, type Port } from './params.ts';
import type { RawSpecification } from './parse.ts';
import { positionOf } from './positions.ts';
import { Problems, type PolyaxonfileCode } from './problems.ts';
import { renderAll } from './render.ts';
import { renderedSections, specification, type Kind } from './sections.ts';
import { Place } from './shapes.ts';
import { Renderer } from './template.ts';

/** Nothing is left to render, except in a group: its members are rendered one by one. */
export interface Specification {
  readonly kind: Kind;
  readonly name?: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly params: JsonMapping;
  readonly environment: JsonMapping;
  readonly build?: JsonMapping;
  /** A list of commands is joined by &&; empty for kind build. */
  readonly run: { readonly cmd: string };
  readonly hptuning?: Hptuning;
  readonly framework?: string;
  readonly backend?: string;
  readonly logging?: JsonMapping;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

export interface CompileOptions {
  /** Win over those of the file, as `-P` does. */
  readonly params?: JsonMapping;
  /** What templates may refer to besides the params. */
  readonly context?: JsonMapping;
  /** The name of the file, for messages. */
  readonly label?: string;
  /** What a problem is called: after an override it is the override's. */
  readonly code?: PolyaxonfileCode;
}

export function compile(raw: RawSpecification, options: CompileOptions = {}): Specification {
  const { params = {}, context = {}, label = 'polyaxonfile', code = 'polyaxonfile-invalid' } = options;
  const problems = new Problems(label, code, (path) => positionOf(raw, path));
  const whole = withParams(raw);
  specification(whole, new Place('raw', problems, new WeakMap()));
  problems.throwIfAny();

  const renderer = new Renderer();
  const inputs = new Map(ports(whole, 'inputs').map((port) => [port.name, port]));
  const given = { ...mapping(whole, 'params'), ...params };
  const isGroup = whole.kind === 'group';
  const variables = new Params(isGroup ? given : withDefaults(given, inputs, problems), inputs, context, renderer);
  const resolved = isGroup ? given : variables.all(problems);
  problems.throwIfAny();
  const render = (text: string, path: string): Json => {
    try {
      if (!isGroup) return renderer.render(text, variables);
      renderer.check(text);
    } catch (error) {
      if (!(error instanceof TemplateProblem)) throw error;
      problems.add(undefined, path, error.message);
    }
    return text;
  };
  const rendered = Object.fromEntries(
    Object.entries(whole).map(([name, value]) => [name, renderedSections.includes(name) ? renderAll(value, render, name) : value]),
  );
  problems.throwIfAny();
  const checked = specification(rendered, new Place(isGroup ? 'raw' : 'rendered', problems, new WeakMap())) as JsonMapping;
  const cmd = command(checked);
  if (checked.run !== undefined && cmd.trim() === '') problems.add(undefined, 'run.cmd', 'expected a command, found nothing');
  problems.throwIfAny();
  return normalised(checked, resolved, cmd);
}

function normalised(checked: JsonMapping, params: JsonMapping, cmd: string): Specification {
  const optional = (...names: readonly string[]) => Object.fromEntries(names.flatMap((name) => (Object.hasOwn(checked, name) ? [[name, checked[name]]] : [])));
  return {
    kind: checked.kind as Kind,
    ...optional('name', 'description'),
    tags: (entryOf(checked, 'tags') ?? []) as readonly string[],
    params,
    environment: mapping(checked, 'environment'),
    ...optional('build'),
    run: { cmd },
    ...optional('hptuning', 'framework', 'backend', 'logging'),
    inputs: ports(checked, 'inputs'),
    outputs: ports(checked, 'outputs'),
  };
}

function command(checked: JsonMapping): string {
  const commands = mapping(checked, 'run').cmd ?? [];
  return (Array.isArray(commands) ? (commands as readonly Json[]) : [commands]).join(' && ');
}

function mapping(holder: JsonMapping, name: string): JsonMapping {
  const value = entryOf(holder, name);
  return isMapping(value) ? value : {};
}

function ports(holder: JsonMapping, name: string): readonly Port[] {
  return (entryOf(holder, name) ?? []) as unknown as readonly Port[];
}
