// Is anybody stuck, and what is to be looked at first?
import type { FleetBody, FleetServiceBody, WaitingBody } from '#contracts';
import { duration, plural } from '../../text/amounts.ts';

export interface Verdict {
  readonly mood: 'good' | 'doubt' | 'bad';
  readonly text: string;
}

/** Everybody takes a moment. */
const stuckAfterMs = 30_000;
const behindAfterSeconds = 10;
const longBehindSeconds = 60;

/** The worst first, what others come of before these; one that says so when all is well. */
export function verdictsOf(fleet: FleetBody): readonly [Verdict, ...Verdict[]] {
  const found = [...away(fleet.services), ...notReady(fleet.services), ...relay(fleet), ...behind(fleet), ...letters(fleet), ...stuck(fleet)];
  const [first, ...others] = [...found.filter(({ mood }) => mood === 'bad'), ...found.filter(({ mood }) => mood === 'doubt')];
  return first ? [first, ...others] : [{ mood: 'good', text: well(fleet) }];
}

/** What a tab among twenty others says. */
export function fleetTitle(fleet: FleetBody): string {
  const [{ mood, text }] = verdictsOf(fleet);
  return mood === 'good' ? 'Fleet: all is well' : `Fleet: ${text}`;
}

export function isStuck({ kind, oldest_since: since }: WaitingBody, at: string): boolean {
  return kind === 'missing' && Date.parse(at) - Date.parse(since) > stuckAfterMs;
}

export function nameOf({ service, instance }: Pick<FleetServiceBody, 'service' | 'instance'>): string {
  return instance === null ? service : `${service} ${instance}`;
}

/** 0 s, 4.2 s, 3 min: nobody needs more. */
export function lag(seconds: number | null): string {
  if (seconds === null) return 'not known';
  return seconds > 0 && seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds * 1000);
}

export function slotsText(slots: FleetBody['slots']): string {
  if (slots === null) return 'How many slots are free is not known: the scheduler does not say.';
  const { taken, free } = slots;
  return `${plural(taken, 'slot')} of ${taken + free} taken, ${free} free.`;
}

function away(services: FleetBody['services']): Verdict[] {
  return services.filter(({ answers }) => !answers).map((one) => ({ mood: 'bad', text: `The ${nameOf(one)} does not answer.` }));
}

function notReady(services: FleetBody['services']): Verdict[] {
  return services.flatMap((one) => (one.answers && one.last && one.last.missing.length > 0 ? [{ mood: 'bad' as const, text: `The ${nameOf(one)} is not ready: ${one.last.missing.join('; ')}.` }] : []));
}

function relay({ relay: one }: FleetBody): Verdict[] {
  if (!one || one.lag_seconds < behindAfterSeconds) return [];
  return [{ mood: 'bad', text: `Events do not get onto Kafka: ${plural(one.events, 'event')}, the oldest has waited for ${lag(one.lag_seconds)}.` }];
}

function behind({ flow }: FleetBody): Verdict[] {
  return flow.flatMap(({ group, lag_seconds: seconds }) => {
    if (seconds === null || seconds < behindAfterSeconds) return [];
    return [{ mood: seconds < longBehindSeconds ? ('doubt' as const) : ('bad' as const), text: `The ${group} is ${lag(seconds)} behind with events.` }];
  });
}

function letters({ flow }: FleetBody): Verdict[] {
  return flow.filter(({ dead_letters: dead }) => dead > 0).map(({ group, dead_letters: dead }) => ({ mood: 'bad', text: `${plural(dead, 'event')} could not be handled by the ${group}: look at the dead letters.` }));
}

function stuck({ waiting, at }: FleetBody): Verdict[] {
  return waiting.filter((one) => isStuck(one, at)).map(({ count, reason, oldest_since: since, released_by: by }) => {
    const who = count === 1 ? 'A run is stuck, for' : `${plural(count, 'run')} are stuck, the first for`;
    return { mood: 'bad', text: `${who} ${duration(Date.parse(at) - Date.parse(since))}: ${reason}. It goes on with ${by}.` };
  });
}

function well({ waiting }: FleetBody): string {
  const queued = waiting.filter(({ kind }) => kind === 'queue').reduce((sum, { count }) => sum + count, 0);
  return `All is well: nothing is stuck, and everybody has caught up.${queued > 0 ? ` ${plural(queued, 'run')} wait${queued === 1 ? 's' : ''} for a turn.` : ''}`;
}
