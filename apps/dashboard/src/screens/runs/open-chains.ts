// Which chains has the reader folded out?

export function openChainsIn({ searchParams }: URL): readonly number[] {
  return (searchParams.get('open') ?? '').split(',').filter((one) => /^[1-9]\d{0,8}$/.test(one)).map(Number);
}

/** The other way round for this one; null: none is. */
export function openedText(open: readonly number[], original: number): string | null {
  const next = open.includes(original) ? open.filter((one) => one !== original) : [...open, original];
  return next.length === 0 ? null : next.join(',');
}
