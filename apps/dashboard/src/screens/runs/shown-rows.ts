// Which rows are shown while somebody reads them and they change?

interface Row {
  readonly id: number;
}

export interface Shown<One extends Row> {
  readonly rows: readonly One[];
  /** Rows that came, went or moved and are not shown so yet. */
  readonly held: number;
}

/** Nothing moves under a pointer: rows change in place, and what would move them is counted until the reader leaves or asks for it. */
export function shownRows<One extends Row>(before: readonly One[], now: readonly One[], isHeld: boolean): Shown<One> {
  const sameOrder = before.length === now.length && before.every((row, index) => row.id === now[index]?.id);
  if (!isHeld || before.length === 0 || sameOrder) return { rows: now, held: 0 };
  const latest = new Map(now.map((row) => [row.id, row]));
  const old = new Set(before.map(({ id }) => id));
  const came = now.filter(({ id }) => !old.has(id)).length;
  const went = before.filter(({ id }) => !latest.has(id)).length;
  return { rows: before.map((row) => latest.get(row.id) ?? row), held: Math.max(came, went, 1) };
}
