// Which runs has the reader chosen, on whatever page they are?

/** What is done with so many at once can still be looked at before. */
export const selectedMax = 100;

export function selectedIn({ searchParams }: URL): readonly number[] {
  const ids = (searchParams.get('selected') ?? '').split(',').filter((one) => /^[1-9]\d{0,8}$/.test(one)).map(Number);
  return [...new Set(ids)].slice(0, selectedMax);
}

/** Null: none, which need not be said. */
export function selectedText(selected: readonly number[]): string | null {
  return selected.length === 0 ? null : selected.join(',');
}

export function toggled(selected: readonly number[], id: number): readonly number[] {
  return selected.includes(id) ? selected.filter((one) => one !== id) : [...selected, id].slice(-selectedMax);
}

/** From the one that was chosen last to this one, as they stand. */
export function withRange(selected: readonly number[], shown: readonly number[], id: number): readonly number[] {
  const [from, to] = [shown.indexOf(selected.at(-1) ?? 0), shown.indexOf(id)];
  if (from < 0 || to < 0) return toggled(selected, id);
  const between = shown.slice(Math.min(from, to), Math.max(from, to) + 1);
  return [...selected, ...between.filter((one) => !selected.includes(one))].slice(0, selectedMax);
}

/** All that are shown, or, when they all are chosen, none of them. */
export function toggledAll(selected: readonly number[], shown: readonly number[]): readonly number[] {
  if (shown.every((id) => selected.includes(id))) return selected.filter((id) => !shown.includes(id));
  return [...selected, ...shown.filter((id) => !selected.includes(id))].slice(0, selectedMax);
}
