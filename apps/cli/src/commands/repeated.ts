// How does an option that may be given several times collect its values?

export function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
