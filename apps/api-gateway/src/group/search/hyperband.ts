// What does Hyperband try? Many trials with little of the resource, and ever fewer, the best so far, with ever more of it.
import type { Hptuning, Hyperband } from '#polyaxonfile';
import { tidy } from './counted.ts';
import { randomFrom } from './random.ts';
import { combinations, sample } from './sample.ts';
import { merit, type Suggestion, type Trial } from './trial.ts';

/** In the words of the paper (Li et al., JMLR 18, 2018): bracket s begins with n trials and r of the resource, of max_iter (R) at most. */
interface Rung {
  readonly bracket: number;
  /** 0 is where the bracket begins. */
  readonly rung: number;
}

/** One iteration is one rung of one bracket. */
export function hyperband(hptuning: Hptuning, past: readonly (readonly Trial[])[]): readonly Suggestion[] {
  const settings = settingsOf(hptuning);
  let next: Rung | null = { bracket: lastBracket(settings), rung: 0 };
  for (const trials of past) next = next && rungAfter(next, trials, hptuning);
  if (!next) return [];
  const resource = { [settings.resource.name]: resourceOf(next, settings) };
  if (next.rung === 0) {
    const fresh = sample(hptuning, trialsOf(next, hptuning), randomFrom(hptuning.seed, past.length));
    return fresh.map((params) => ({ params: { ...params, ...resource }, continues: null }));
  }
  const [iteration, before] = [past.length - 1, past.at(-1) ?? []];
  return kept(before, trialsOf(next, hptuning), settings).map((index) => ({
    params: { ...before[index]?.params, ...resource },
    continues: settings.resume === true ? { iteration, index } : null,
  }));
}

export function sizeOfHyperband(hptuning: Hptuning): number {
  let size = 0;
  for (let bracket = lastBracket(settingsOf(hptuning)); bracket >= 0; bracket--)
    for (let rung = 0; rung <= bracket; rung++) size += trialsOf({ bracket, rung }, hptuning);
  return size;
}

/** s_max: how often max_iter can be divided by eta. Counted, since logarithms would say 4.999... for 243 and 3. */
function lastBracket({ max_iter, eta }: Hyperband): number {
  let bracket = 0;
  while (tidy(eta ** (bracket + 1)) <= max_iter) bracket++;
  return bracket;
}

/** n_i: of n to begin with, one in eta is left on every rung, and the best one always. */
function trialsOf({ bracket, rung }: Rung, hptuning: Hptuning): number {
  const settings = settingsOf(hptuning);
  const { eta } = settings;
  const first = Math.ceil(tidy(((lastBracket(settings) + 1) / (bracket + 1)) * eta ** bracket));
  return Math.max(1, Math.floor(tidy(Math.min(first, combinations(hptuning)) / eta ** rung)));
}

/** r_i */
function resourceOf({ bracket, rung }: Rung, { max_iter, eta, resource }: Hyperband): number {
  const amount = tidy(max_iter * eta ** (rung - bracket));
  return resource.type === 'int' ? Math.max(1, Math.floor(amount)) : amount;
}

/** A bracket ends early when no trial has a metric to be kept for. */
function rungAfter({ bracket, rung }: Rung, trials: readonly Trial[], hptuning: Hptuning): Rung | null {
  const goesOn = rung < bracket && kept(trials, 1, settingsOf(hptuning)).length > 0;
  if (goesOn) return { bracket, rung: rung + 1 };
  return bracket > 0 ? { bracket: bracket - 1, rung: 0 } : null;
}

/** The best first; of equals the one that was suggested first. */
function kept(trials: readonly Trial[], most: number, { metric }: Hyperband): readonly number[] {
  const merits = trials.map((trial) => merit(trial.metric, metric));
  const comparable = merits.flatMap((one, index) => (one === null ? [] : [{ one, index }]));
  return comparable.sort((a, b) => b.one - a.one || a.index - b.index).slice(0, most).map(({ index }) => index);
}

function settingsOf({ hyperband: settings }: Hptuning): Hyperband {
  if (!settings) throw new Error('this group does not search by Hyperband');
  return settings;
}
