// Does a metric say that a group, or some of its members, should stop early?
import type { EarlyStopping, StoppingPolicy } from '#polyaxonfile';
import { tidy } from './counted.ts';
import { merit } from './trial.ts';

export interface Measured {
  readonly id: number;
  /** It can be stopped. */
  readonly isLive: boolean;
  /** By name, each with its values so far in the order they were reported; null or NaN where one was no number. */
  readonly metrics: Readonly<Record<string, readonly (number | null)[]>>;
}

export interface EarlyStop {
  /** Why the whole group stops; null: it goes on. */
  readonly group: string | null;
  /** Empty when the whole group stops. */
  readonly members: readonly { readonly id: number; readonly reason: string }[];
}

/** Fewer others say nothing about what is usual. */
const othersLeast = 3;

/** The same values always stop the same members, also those that are stopped by now: they go on being compared with, and asking twice does no harm. */
export function earlyStop(policies: readonly EarlyStopping[], members: readonly Measured[]): EarlyStop {
  for (const one of policies) {
    const group = reached(one, members);
    if (group) return { group, members: [] };
  }
  const reasons = new Map<number, string>();
  for (const one of policies) {
    if (!one.policy) continue;
    const all = members.map((member) => courseOf(member, one));
    for (const course of all) {
      const reason = course.isLive && !reasons.has(course.id) ? behind(one, one.policy, course, all) : null;
      if (reason) reasons.set(course.id, reason);
    }
  }
  return { group: null, members: [...reasons].map(([id, reason]) => ({ id, reason })) };
}

function reached(one: EarlyStopping, members: readonly Measured[]): string | null {
  const goal = one.value === undefined ? null : merit(one.value, one);
  if (goal === null) return null;
  for (const { id, metrics } of members) {
    const value = metrics[one.metric]?.find((reported) => (merit(reported, one) ?? -Infinity) >= goal);
    if (typeof value === 'number') return `${one.metric} of experiment ${id} is ${value} and has reached ${one.value}`;
  }
  return null;
}

/** What a member had after each of its values: at best, and on average. The bigger, the better; an average is null until there is a number. */
interface Course {
  readonly id: number;
  readonly isLive: boolean;
  readonly best: readonly number[];
  readonly average: readonly (number | null)[];
}

/** Once for each member, not for each pair of them: a group may have many, with many values each. */
function courseOf({ id, isLive, metrics }: Measured, one: EarlyStopping): Course {
  const [best, averages]: [number[], (number | null)[]] = [[], []];
  let [top, sum, numbers] = [-Infinity, 0, 0];
  for (const value of metrics[one.metric] ?? []) {
    const found = merit(value, one);
    if (found !== null) [top, sum, numbers] = [Math.max(top, found), sum + found, numbers + 1];
    best.push(top);
    averages.push(numbers === 0 ? null : sum / numbers);
  }
  return { id, isLive, best, average: averages };
}

/** A member is looked at each time it has reported as many values again as the interval says, beside what all others had reported by then. */
function behind(one: EarlyStopping, policy: StoppingPolicy, member: Course, all: readonly Course[]): string | null {
  const { kind, evaluation_interval: interval = 1, percent = 0 } = policy;
  const values = Math.floor(member.best.length / interval) * interval;
  if (values === 0) return null;
  const bestOf = ({ best }: Course) => best[values - 1] as number;
  const mine = bestOf(member);
  const others = all.filter((other) => other.id !== member.id && other.best.length >= values);
  const said = (value: number) => (Number.isFinite(value) ? tidy(one.optimization === 'minimize' ? -value : value) : 'no number');
  const start = `${one.metric} is ${said(mine)} at its best after ${values} ${values === 1 ? 'value' : 'values'}`;
  if (kind === 'truncation') {
    const better = others.filter((other) => bestOf(other) > mine || (bestOf(other) === mine && other.id < member.id)).length;
    const cut = Math.floor(((others.length + 1) * percent) / 100);
    return better >= others.length + 1 - cut ? `${start}: among the worst ${percent} % of ${others.length + 1} members` : null;
  }
  const averages = others.flatMap((other) => other.average[values - 1] ?? []);
  if (averages.length < othersLeast) return null;
  const usual = kind === 'median' ? middle(averages) : average(averages);
  return tidy(mine) < tidy(usual) ? `${start}, worse than ${said(usual)}, the ${kind} of what ${averages.length} others had until then` : null;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length / 2;
  return Number.isInteger(half) ? average(sorted.slice(half - 1, half + 1)) : (sorted[Math.floor(half)] as number);
}
