// What did a user write, and is it a polyaxonfile or an override of one?
import { limits } from '#contracts';
import { isMapping, type Json, type JsonMapping } from './json.ts';
import { rememberPositions } from './positions.ts';
import { Problems, shown, type Lines, type PolyaxonfileCode } from './problems.ts';
import { NotALiteral, parsePythonLiteral } from './python-literal.ts';
import { readYaml } from './read-yaml.ts';
import { specification } from './sections.ts';
import { Place, type Stage } from './shapes.ts';

/** A valid polyaxonfile as it was written: plain JSON, templates not rendered. What overrides are merged into. */
export type RawSpecification = JsonMapping;
/** Any part of one; null removes what it overrides. */
export type Override = JsonMapping;

export function parsePolyaxonfile(content: string, label = 'polyaxonfile'): RawSpecification {
  return read(content, label, 'raw', 'polyaxonfile-invalid', readYaml);
}

/** The original command line sends the text of a Python dict, people send YAML or JSON. */
export function parseOverride(content: string, label = 'override'): Override {
  return read(content, label, 'patch', 'override-invalid', (text, problems, lines) => {
    if (!text.trimStart().startsWith('{')) return readYaml(text, problems, lines);
    try {
      return parsePythonLiteral(text);
    } catch (error) {
      if (!(error instanceof NotALiteral)) throw error;
      return readYaml(text, problems, lines);
    }
  });
}

function read(content: string, label: string, stage: Stage, code: PolyaxonfileCode, parse: typeof readYaml): JsonMapping {
  const problems = new Problems(label, code);
  const most = limits.polyaxonfileBytes;
  if (content.length > most || new TextEncoder().encode(content).length > most) problems.refuse(undefined, '', `is larger than ${most / 1024} KiB`);
  const lines: Lines = new WeakMap();
  const value: Json = parse(content.replace(/^\uFEFF/, ''), problems, lines);
  if (!isMapping(value)) return problems.refuse({ line: 1 }, '', `expected a mapping of sections, found ${shown(value)}`);
  specification(value, new Place(stage, problems, lines));
  problems.throwIfAny();
  rememberPositions(value, lines);
  return value;
}
