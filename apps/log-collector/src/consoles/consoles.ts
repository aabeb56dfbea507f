// Who follows which console?
import type { ConsoleSource } from './console-source.ts';

/** By the scheme of its address. */
export function consolesOf(sources: Readonly<Record<string, ConsoleSource>>): ConsoleSource {
  const sourceOf = (console: string): ConsoleSource => {
    const [scheme] = /^[a-z]+:/.exec(console) ?? [];
    const source = scheme === undefined ? undefined : sources[scheme];
    if (!source) throw new Error(`the console ${console} is of a kind that is not known here`);
    return source;
  };
  return {
    open: async (console) => sourceOf(console).open(console),
    remove: async (console) => sourceOf(console).remove?.(console),
  };
}
