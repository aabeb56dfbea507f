// How do the files after `-f` become the one text that is sent?
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonMapping, Specification } from '#polyaxonfile';
import { usageFailure } from './failure.ts';

export interface Polyaxonfile {
  readonly text: string;
  readonly specification: Specification;
}

/** Tried in this order when no `-f` is given. */
const usualNames = ['polyaxon', 'polyaxonci', 'polyaxon-ci', 'polyaxon.ci', 'polyaxonfile'].flatMap((name) =>
  ['.yaml', '.yml', '.json', ''].map((ending) => name + ending),
);

export function usualPolyaxonfile(directory: string): string {
  const found = usualNames.find((name) => existsSync(join(directory, name)));
  if (!found) throw usageFailure('no polyaxonfile was given, and there is none here', 'pass -f FILE, or write polyaxonfile.yml');
  return found;
}

/** A whole polyaxonfile, checked here, where the names and lines of the files are known. One file alone is sent as it was written. */
export async function polyaxonfile(paths: readonly string[], params: readonly string[]): Promise<Polyaxonfile> {
  const { compile, override, parseOverride, parsePolyaxonfile } = await import('#polyaxonfile');
  const files = paths.map(read);
  const label = files.map((file) => file.label).join(' + ');
  const [only, ...others] = files;
  if (only && others.length === 0) {
    const raw = parsePolyaxonfile(only.text, label);
    const given = params.length === 0 ? raw : override(raw, paramsOf(params)); // as it was read it knows its lines
    return { text: params.length === 0 ? only.text : JSON.stringify(given), specification: compile(given, { label }) };
  }
  const text = JSON.stringify(override({}, ...files.map((file) => parseOverride(file.text, file.label)), paramsOf(params)));
  return { text, specification: compile(parsePolyaxonfile(text, label), { label }) };
}

/** An override may name any subset of sections. Each is read here, so that a mistake is found before anything is uploaded. */
export async function overrideText(paths: readonly string[]): Promise<string | undefined> {
  if (paths.length === 0) return undefined;
  const { parseOverride } = await import('#polyaxonfile');
  const files = paths.map(read);
  const overrides = files.map((file) => parseOverride(file.text, file.label));
  return files.length === 1 ? files[0]?.text : JSON.stringify(overrides.reduce(mergeKeepingNulls));
}

/** Mappings merge, lists and scalars replace; a null stays, since it is the source's own value that it is to remove. */
export function mergeKeepingNulls(before: JsonMapping, after: JsonMapping): JsonMapping {
  return mergeMappings(renamed(before), renamed(after));
}

function mergeMappings(before: JsonMapping, after: JsonMapping): JsonMapping {
  const merged = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(after)) {
    const old = merged.get(key);
    merged.set(key, isMapping(old) && isMapping(value) ? mergeMappings(old, value) : value);
  }
  return Object.fromEntries(merged);
}

/** `declarations` is the old name of `params`. */
function renamed(content: JsonMapping): JsonMapping {
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key === 'declarations' ? 'params' : key, value]));
}

function isMapping(value: Json | undefined): value is JsonMapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `-P lr=0.5`, repeatable. Values stay text: what they are is for the polyaxonfile to say. */
export function paramsOf(pairs: readonly string[]): JsonMapping {
  const entries = pairs.map((pair) => {
    const [, name, value] = /^([^=\s]+)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined) throw usageFailure(`a param is written as NAME=VALUE, not ${JSON.stringify(pair)}`);
    return [name, value] as const;
  });
  return entries.length === 0 ? {} : { params: Object.fromEntries(entries) };
}

function read(path: string): { readonly label: string; readonly text: string } {
  try {
    return { label: path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw usageFailure(`${path} can't be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
