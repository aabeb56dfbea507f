// Which span of time does a date in a search mean?

/** From `start`, before `end`. */
export interface Span {
  readonly start: string;
  readonly end: string;
}

const shape = /^(\d{4})-(\d\d?)-(\d\d?)(?:[T ]\s*(\d\d?):(\d\d)(?::(\d\d)(\.\d{1,9})?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?$/i;

/** As long as it is precise: a day is all of it, a minute too; without a zone it is UTC. Null: not a date. */
export function spanOf(text: string): Span | null {
  const [found, year, month, day, hour, minute, second, fraction, zone = 'Z'] = shape.exec(text.trim()) ?? [];
  if (!found) return null;
  const two = (part: string | undefined) => (part ?? '0').padStart(2, '0');
  const offset = /^(Z|UTC)$/i.test(zone) ? 'Z' : zone.replace(/(\d\d):?(\d\d)$/, '$1:$2');
  const from = new Date(`${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction ?? ''}${offset}`);
  if (Number.isNaN(from.getTime()) || isRolledOver(Number(year), Number(month), Number(day))) return null;
  const lengthMs = fraction !== undefined ? 1 : second !== undefined ? 1000 : hour !== undefined ? 60_000 : 86_400_000;
  return { start: from.toISOString(), end: new Date(from.getTime() + lengthMs).toISOString() };
}

/** JavaScript takes 31 February for 3 March. */
function isRolledOver(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day;
}
