// How did an experiment and all its resumes train, as one line?
import { stepNames, type AttemptSeries, type Difference, type ExperimentBody, type HistoryEntry, type SeriesBody, type SeriesPoints } from '#contracts';
import { paramDifferences } from '../compare/compare.ts';
import type { ExperimentsView, ExperimentView } from '../views/experiments.view.ts';
import type { History } from '../views/history.ts';
import type { Metrics } from '../views/metrics.ts';
import { attemptsIn, type AttemptStory } from './attempts-in.ts';
import { lostWork } from './lost-work.ts';
import { Reports, rowsByAttempt, type PointsAsked } from './reports.ts';
import { farthestApart, wentOn } from './went-on.ts';

export interface SeriesAsked extends PointsAsked {
  /** Undefined: the first few. */
  readonly names?: readonly string[] | undefined;
}

/** Experiments that are one line, and what is wanted of them. */
interface Chain {
  readonly originalId: number;
  readonly members: readonly ExperimentBody[];
  readonly stepName: string | null;
  readonly names: readonly string[];
  readonly chosen: readonly string[];
}

const usualNames = 4;

export class ChainSeries {
  constructor(
    private readonly experiments: ExperimentsView,
    private readonly history: History,
    private readonly metrics: Metrics,
  ) {}

  /** With its original and all its resumes. */
  async of(experiment: ExperimentView, asked: SeriesAsked): Promise<SeriesBody> {
    const [body] = await this.#lines([chainOf(experiment.originalId, await this.experiments.chain(experiment.originalId), asked)], asked);
    return body as SeriesBody;
  }

  /** Each alone. */
  each(experiments: readonly ExperimentView[], asked: SeriesAsked): Promise<SeriesBody[]> {
    return this.#lines(experiments.map(({ originalId, body }) => chainOf(originalId, [body], asked)), asked);
  }

  async #lines(chains: readonly Chain[], asked: PointsAsked): Promise<SeriesBody[]> {
    const managed = chains.flatMap(({ originalId, members }) => members.filter((one) => one.is_managed).map(({ id }) => ({ id, originalId })));
    const histories = await this.history.ofAll(managed);
    const told = chains.map((chain) => ({ chain, ...toldBy(chain, histories) }));
    await this.#read(told);
    return told.map(({ chain, stories, reports }) => {
      const { originalId, stepName, names, members, chosen } = chain;
      return { outputs_owner_id: originalId, step_name: stepName, names, ...line(stories, reports, { members, chosen, asked }) };
    });
  }

  async #read(told: readonly Told[]): Promise<void> {
    const homes = new Map(told.flatMap((one) => one.chain.members.map(({ id }) => [id, { reports: one.reports, own: attemptsOf(id, one.stories) }] as const)));
    const asked = told.flatMap(({ chain: { members, stepName, chosen } }) => members.map(({ id }) => ({ experimentId: id, step: stepName, names: chosen })));
    for await (const page of this.metrics.reports(asked.filter(({ experimentId: id }) => (homes.get(id)?.own.length ?? 0) > 0))) {
      const { reports = [], own = [] } = homes.get(page.asked.experimentId) ?? {};
      for (const [place, rows] of rowsByAttempt(own, page)) reports[place]?.add(page, rows);
    }
  }
}

interface Told {
  readonly chain: Chain;
  readonly stories: readonly AttemptStory[];
  /** Of each attempt: filled as they are read. */
  readonly reports: readonly Reports[];
}

function chainOf(originalId: number, members: readonly ExperimentBody[], { names: asked }: SeriesAsked): Chain {
  const known = [...new Set(members.flatMap(({ last_metric: last }) => Object.keys(last)))].sort();
  const names = known.filter((name) => !stepNames.includes(name));
  return { originalId, members, stepName: stepNames.find((name) => known.includes(name)) ?? null, names, chosen: asked ?? names.slice(0, usualNames) };
}

/** In the order they ran: the outputs have one writer at a time. */
function toldBy({ members, chosen }: Chain, histories: ReadonlyMap<number, readonly HistoryEntry[]>): Pick<Told, 'stories' | 'reports'> {
  const stories = members.flatMap((one) => attemptsIn(one, histories.get(one.id) ?? []));
  stories.sort((a, b) => Date.parse(a.started_at ?? '') - Date.parse(b.started_at ?? '') || a.experiment_id - b.experiment_id || a.attempt - b.attempt);
  return { stories, reports: stories.map(() => new Reports(chosen.length)) };
}

function attemptsOf(id: number, stories: readonly AttemptStory[]): { attempt: number; startedAt: number; place: number }[] {
  return stories.flatMap((story, place) => (story.experiment_id === id ? [{ attempt: story.attempt, startedAt: Date.parse(story.started_at ?? ''), place }] : []));
}

interface Shown {
  readonly members: readonly ExperimentBody[];
  readonly chosen: readonly string[];
  readonly asked: PointsAsked;
}

function line(stories: readonly AttemptStory[], reports: readonly Reports[], { members, chosen, asked }: Shown): Pick<SeriesBody, 'attempts' | 'lost' | 'lost_steps' | 'lost_seconds' | 'lost_gpu_seconds'> {
  const apart = farthestApart(reports);
  const begun = stories.map(({ offered, read }, place) => wentOn({ offered: offered?.step ?? null, read, isFirst: place === 0, firstStep: reports[place]?.firstStep ?? null }, apart));
  const { lost, keptUntil } = lostWork(stories.map(({ started_at: at }, place) => ({ startedAt: at === null ? null : Date.parse(at), wentOnFrom: begun[place]?.from ?? null, ...columnsOf(reports[place]) })));
  const total = reports.reduce((sum, { times }) => sum + times.length, 0);
  return {
    attempts: stories.map((story, place): AttemptSeries => {
      const own = reports[place] as Reports;
      const share = Math.max(2, Math.ceil((asked.points * own.times.length) / Math.max(1, total)));
      return {
        ...story, params: story.attempt === 1 ? changedParams(story.experiment_id, members) : [], reports: own.times.length, first_step: own.firstStep, last_step: own.lastStep,
        went_on_from: begun[place]?.from ?? null, went_on_by: begun[place]?.by ?? 'unknown', kept_until: keptUntil[place] ?? null,
        metrics: Object.fromEntries(chosen.map((name, index): [string, SeriesPoints] => [name, own.points(index, { ...asked, points: share })])),
      };
    }),
    lost: lost.map(({ attempt, by, fromStep, toStep, fromTime, toTime, seconds }) => ({ attempt, by, from_step: fromStep, to_step: toStep, from_time: fromTime, to_time: toTime, seconds })),
    lost_steps: lost.reduce((sum, { fromStep, toStep }) => sum + toStep - fromStep, 0),
    lost_seconds: lost.reduce((sum, { seconds }) => sum + seconds, 0),
    lost_gpu_seconds: lost.reduce((sum, { attempt, seconds }) => sum + seconds * (stories[attempt]?.gpus ?? 0), 0),
  };
}

function columnsOf(reports: Reports | undefined): { steps: readonly (number | null)[]; times: readonly number[] } {
  return { steps: reports?.steps ?? [], times: reports?.times ?? [] };
}

function changedParams(id: number, members: readonly ExperimentBody[]): Difference[] {
  const of = members.find((one) => one.id === id);
  const source = of?.cloning_strategy === 'resume' ? members.find((one) => one.id === of.source_id) : undefined;
  return of && source ? paramDifferences(source, of) : [];
}
