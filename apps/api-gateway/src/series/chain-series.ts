// How did an experiment and all its resumes train, as one line?
import { stepNames, type AttemptSeries, type Difference, type ExperimentBody, type SeriesBody, type SeriesPoints } from '#contracts';
import { paramDifferences } from '../compare/compare.ts';
import type { ExperimentsView, ExperimentView } from '../views/experiments.view.ts';
import type { History } from '../views/history.ts';
import type { Metrics } from '../views/metrics.ts';
import { attemptsIn, type AttemptStory } from './attempts-in.ts';
import { lostWork } from './lost-work.ts';
import { attemptAt, Reports } from './reports.ts';
import { farthestApart, wentOn } from './went-on.ts';

export interface SeriesAsked {
  /** Undefined: the first few. */
  readonly names?: readonly string[] | undefined;
  /** Of each metric. */
  readonly points: number;
  /** False: this experiment alone. */
  readonly chain: boolean;
}

const usualNames = 4;

export class ChainSeries {
  constructor(
    private readonly experiments: ExperimentsView,
    private readonly history: History,
    private readonly metrics: Metrics,
  ) {}

  async of(experiment: ExperimentView, { names: asked, points, chain }: SeriesAsked): Promise<SeriesBody> {
    const members = chain ? await this.experiments.chain(experiment.originalId) : [experiment.body];
    const known = [...new Set(members.flatMap(({ last_metric: last }) => Object.keys(last)))].sort();
    const stepName = stepNames.find((name) => known.includes(name)) ?? null;
    const names = known.filter((name) => !stepNames.includes(name));
    const chosen = asked ?? names.slice(0, usualNames);
    const stories = await this.#stories(members, experiment.originalId);
    const reports = await this.#reports(stories, members, stepName, chosen);
    return { outputs_owner_id: experiment.originalId, step_name: stepName, names, ...line(stories, reports, { members, chosen, points }) };
  }

  /** In the order they ran: the outputs have one writer at a time. */
  async #stories(members: readonly ExperimentBody[], originalId: number): Promise<AttemptStory[]> {
    const each = await Promise.all(members.map(async (one) => attemptsIn(one, one.is_managed ? await this.history.of(one.id, originalId) : [])));
    return each.flat().sort((a, b) => Date.parse(a.started_at ?? '') - Date.parse(b.started_at ?? '') || a.experiment_id - b.experiment_id || a.attempt - b.attempt);
  }

  async #reports(stories: readonly AttemptStory[], members: readonly ExperimentBody[], stepName: string | null, chosen: readonly string[]): Promise<Reports[]> {
    const reports = stories.map(() => new Reports(chosen.length));
    for (const { id } of members) {
      const own = stories.flatMap((story, place) => (story.experiment_id === id ? [{ attempt: story.attempt, startedAt: Date.parse(story.started_at ?? ''), place }] : []));
      if (own.length === 0) continue;
      for await (const rows of this.metrics.reports(id, stepName, chosen)) for (const row of rows) reports[attemptAt(own, row)]?.add(row);
    }
    return reports;
  }
}

interface Shown {
  readonly members: readonly ExperimentBody[];
  readonly chosen: readonly string[];
  readonly points: number;
}

function line(stories: readonly AttemptStory[], reports: readonly Reports[], { members, chosen, points }: Shown): Pick<SeriesBody, 'attempts' | 'lost' | 'lost_steps' | 'lost_seconds'> {
  const apart = farthestApart(reports);
  const begun = stories.map(({ offered, read }, place) => wentOn({ offered: offered?.step ?? null, read, isFirst: place === 0, firstStep: reports[place]?.firstStep ?? null }, apart));
  const { lost, keptUntil } = lostWork(stories.map(({ started_at: at }, place) => ({ startedAt: at === null ? null : Date.parse(at), wentOnFrom: begun[place]?.from ?? null, ...columnsOf(reports[place]) })));
  const total = reports.reduce((sum, { times }) => sum + times.length, 0);
  return {
    attempts: stories.map((story, place): AttemptSeries => {
      const own = reports[place] as Reports;
      const share = Math.max(2, Math.ceil((points * own.times.length) / Math.max(1, total)));
      return {
        ...story, params: story.attempt === 1 ? changedParams(story.experiment_id, members) : [], reports: own.times.length, first_step: own.firstStep, last_step: own.lastStep,
        went_on_from: begun[place]?.from ?? null, went_on_by: begun[place]?.by ?? 'unknown', kept_until: keptUntil[place] ?? null,
        metrics: Object.fromEntries(chosen.map((name, index): [string, SeriesPoints] => [name, own.points(index, share)])),
      };
    }),
    lost: lost.map(({ attempt, by, fromStep, toStep, fromTime, toTime, seconds }) => ({ attempt, by, from_step: fromStep, to_step: toStep, from_time: fromTime, to_time: toTime, seconds })),
    lost_steps: lost.reduce((sum, { fromStep, toStep }) => sum + toStep - fromStep, 0),
    lost_seconds: lost.reduce((sum, { seconds }) => sum + seconds, 0),
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

