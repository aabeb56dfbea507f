// What does the `build` section come to in an attempt?
import type { ExperimentOrder } from '#contracts';

/** Commands that run before the command, in its folder, one after the other. */
export function buildStepsOf({ build }: ExperimentOrder): readonly string[] {
  const steps = build?.build_steps;
  return Array.isArray(steps) ? (steps as readonly unknown[]).map(String) : [];
}

export function buildVariablesOf({ build }: ExperimentOrder): Record<string, string> {
  const { lang_env: language, env_vars: pairs } = build ?? {};
  const languages = typeof language === 'string' ? { LANG: language, LC_ALL: language, LANGUAGE: language } : {};
  const variables = Array.isArray(pairs) ? (pairs as readonly (readonly [unknown, unknown])[]).map(([name, value]) => [String(name), String(value)] as const) : [];
  return { ...languages, ...Object.fromEntries(variables) };
}

/** A failing step is named, since what the program would have done is no longer the question. `step` is as attempt.sh says it: `2 of 3 (make)`. */
export function buildFailure(step: string, message: string | null): string {
  const [line = ''] = step.split('\n');
  return `build step ${line.length > 200 ? `${line.slice(0, 200)}…` : line} failed: ${message ?? 'it was ended'}`;
}
