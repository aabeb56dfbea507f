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
  const live = members.filter(({ isLive }) => isLive);
  const reasons = live.map((member) => ({ id: member.id, reason: policies.map((one) => one.policy && behind(one, one.policy, member, members)).find(Boolean) }));
  return { group: null, members: reasons.flatMap(({ id, reason }) => (reason ? [{ id, reason }] : [])) };
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

/** A member is looked at each time it has reported as many values again as the interval says, beside what all others had reported by then. */
function behind(one: EarlyStopping, policy: StoppingPolicy, member: Measured, members: readonly Measured[]): string | null {
  const { kind, evaluation_interval: interval = 1, percent = 0 } = policy;
  const values = Math.floor((member.metrics[one.metric]?.length ?? 0) / interval) * interval;
  if (values === 0) return null;
  const meritsOf = ({ metrics }: Measured) => (metrics[one.metric] ?? []).slice(0, values).flatMap((value) => merit(value, one) ?? []);
  const bestOf = (other: Measured) => meritsOf(other).reduce((best, value) => Math.max(best, value), -Infinity);
  const mine = bestOf(member);
  const others = members.filter((other) => other.id !== member.id && (other.metrics[one.metric]?.length ?? 0) >= values);
  const said = (value: number) => (Number.isFinite(value) ? tidy(one.optimization === 'minimize' ? -value : value) : 'no number');
  const start = `${one.metric} is ${said(mine)} at its best after ${values} ${values === 1 ? 'value' : 'values'}`;
  if (kind === 'truncation') {
    const better = others.filter((other) => bestOf(other) > mine || (bestOf(other) === mine && other.id < member.id)).length;
    const cut = Math.floor(((others.length + 1) * percent) / 100);
    return better >= others.length + 1 - cut ? `${start}: among the worst ${percent} % of ${others.length + 1} members` : null;
  }
  const averages = others.map(meritsOf).filter((all) => all.length > 0).map(average);
  if (averages.length < othersLeast) return null;
  const usual = kind === 'median' ? middle(averages) : average(averages);
  return mine < usual ? `${start}, worse than ${said(usual)}, the ${kind} of what ${averages.length} others had until then` : null;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length / 2;
  return Number.isInteger(half) ? average(sorted.slice(half - 1, half + 1)) : (sorted[Math.floor(half)] as number);
}
