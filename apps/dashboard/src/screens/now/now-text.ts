// What does a row of the first page say, and what is to be done with it?
import type { Measure, NeedBody, NowBody, NowExperiment, RunningBody } from '#contracts';
import { pathOf } from '../../shell/routes.ts';
import { age, duration, measure, plural } from '../../text/amounts.ts';

export interface Act {
  readonly words: string;
  readonly to: string;
}

const shownMetrics = 3;
/** Named first, as they say how far it is. */
const progress = ['step', 'global_step', 'iteration', 'epoch'];

const titles: Readonly<Record<NeedBody['kind'], string>> = {
  failed: 'failed', stuck: 'is stuck', refused: 'was refused', 'checkpoint-overdue': 'has not saved', 'started-at-zero': 'started at zero', 'not-read': 'may have started at zero',
};

export function needTitle({ kind }: NeedBody): string {
  return titles[kind];
}

/** What mends it comes first, then where to find out more. */
export function actsOn({ kind, experiment, fix }: NeedBody): readonly Act[] {
  const at = (tab?: 'logs' | 'history' | 'checkpoints') => pathOf.experiment(experiment.user, experiment.project, experiment.id, tab);
  const verb = (word: 'resume' | 'stop' | 'restart') => ({ words: `${word.charAt(0).toUpperCase()}${word.slice(1)} …`, to: `${at()}?do=${word}` });
  switch (kind) {
    case 'failed':
      return [verb('resume'), { words: 'Logs', to: at('logs') }];
    case 'stuck':
      return [{ words: 'History', to: at('history') }];
    case 'refused': {
      const [, id, word] = /-xp (\d+) (resume|restart|stop)\b/.exec(fix ?? '') ?? [];
      const mends = word !== undefined && Number(id) === experiment.id ? [verb(word as 'resume' | 'restart' | 'stop')] : [];
      return [...mends, { words: 'Look', to: at() }];
    }
    case 'checkpoint-overdue':
      return [{ words: 'Checkpoints', to: at('checkpoints') }, { words: 'Logs', to: at('logs') }];
    case 'started-at-zero':
    case 'not-read':
      return [verb('stop'), { words: 'Checkpoints', to: at('checkpoints') }];
    default:
      return kind satisfies never;
  }
}

/** After its end: a resume trains further, or goes on where it was stopped. */
export function actsAfter({ last_status: status, id, user, project }: NowExperiment): readonly Act[] {
  const at = pathOf.experiment(user, project, id);
  return status === 'stopped' ? [{ words: 'Resume …', to: `${at}?do=resume` }] : [{ words: 'Look', to: at }];
}

export function metricsText(values: Readonly<Record<string, Measure>>): string {
  const names = Object.keys(values).sort((a, b) => rank(a) - rank(b));
  return names.slice(0, shownMetrics).map((name) => `${name} ${measure(values[name])}`).join(' · ');
}

function rank(name: string): number {
  return progress.includes(name) ? progress.indexOf(name) : progress.length;
}

export function savedText({ saved_at: saved, started_at: started }: RunningBody, now: number): string {
  if (saved === undefined) return 'not known whether it saves';
  return saved === null ? `nothing saved in ${duration(now - Date.parse(started))}` : `saved ${age(saved, now)}`;
}

/** What a tab among twenty others says. */
export function nowTitle({ needs, running_count: running }: NowBody): string {
  if (needs.length > 0) return `${plural(needs.length, 'run needs', 'runs need')} you`;
  return running > 0 ? `${plural(running, 'run is', 'runs are')} running` : 'Now';
}
