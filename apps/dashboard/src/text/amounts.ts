// How do times, durations, sizes and numbers read?
import type { Measure } from '#contracts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

/** 4 s, 12 min, 3 h 5 min, 2 d 4 h: at most two words. */
export function duration(ms: number): string {
  const spent = Math.max(0, ms);
  if (spent < minute) return `${Math.floor(spent / second)} s`;
  if (spent < hour) return spent < 10 * minute ? two(spent, minute, 'min', second, 's') : `${Math.floor(spent / minute)} min`;
  return spent < day ? two(spent, hour, 'h', minute, 'min') : two(spent, day, 'd', hour, 'h');
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ''}`;
}

export function age(time: string | number, now: number): string {
  const ms = now - (typeof time === 'number' ? time : Date.parse(time));
  return ms < 2 * second ? 'just now' : `${shortAge(ms)} ago`;
}

/** One word is enough for how long ago something was. */
function shortAge(ms: number): string {
  const [size, name] = ([[day, 'd'], [hour, 'h'], [minute, 'min'], [second, 's']] as const).find(([size]) => ms >= size) ?? [second, 's'];
  return `${Math.floor(ms / size)} ${name}`;
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  const power = Math.min(4, Math.floor(Math.log10(size) / 3));
  const amount = size / 1000 ** power;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${['B', 'kB', 'MB', 'GB', 'TB'][power] ?? 'TB'}`;
}

/** 48,213: thin groups of three, the same in every country. */
export function count(number: number): string {
  return String(Math.trunc(number)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Never rounded to something else: 0.30000000000000004 is 0.3, 1e-9 stays what it is. */
export function measure(value: Measure | undefined): string {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'string') return value === 'nan' ? 'NaN' : value.replace('inf', '∞');
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value < 0 ? `-${count(-value)}` : count(value);
  return Math.abs(value) >= 1e6 || Math.abs(value) < 1e-4 ? value.toExponential(3).replace(/\.?0+e/, 'e') : String(Number(value.toPrecision(5)));
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Params are whatever their author wrote. */
export function plain(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
}
