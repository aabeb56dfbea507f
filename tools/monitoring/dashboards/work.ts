// What is looked at to know whether work is safe?
import { interval, range, type Dashboard } from '../dashboard.ts';
import { series } from '../expression.ts';
import { names } from '../recording-rules.ts';

const loads = (result: string): string => `sum(increase(${series('resume_loads_total', { result })}[${range}]))`;

export const work: Dashboard = {
  name: 'work',
  title: 'Is work safe?',
  description: 'What would be lost now, what was lost, and whether those that go on really went on.',
  panels: [
    {
      type: 'stat', title: 'How old is the oldest last checkpoint?', unit: 's', width: 6,
      description: 'Of the programs that run: what is lost if that one ends now. Looked at once a minute.',
      asks: [[`max(${series('checkpoint_oldest_age_seconds')})`, 'oldest']],
    },
    {
      type: 'stat', title: 'How many have saved nothing yet?', unit: 'short', width: 6,
      description: 'Running programs without a checkpoint since they began.',
      asks: [[`max(${series('runs_without_checkpoint')})`, 'runs']],
    },
    {
      type: 'stat', title: 'How much of the work of a day is lost?', unit: 'percentunit', width: 6,
      description: 'Time after the last checkpoint of programs that did not succeed, by the time that all ran. Above 5 % is LostWorkHigh.',
      asks: [[names.lostWorkRatio, 'lost']],
    },
    {
      type: 'stat', title: 'How many that were given a checkpoint read it?', unit: 'percentunit', width: 6,
      description: 'Of those of whom it is known, in the time that is shown. Nothing is shown where none was given one.',
      asks: [[`${loads('proven')} / ${loads('~proven|not_loaded')}`, 'read']],
    },
    {
      type: 'timeseries', title: 'Why is work lost?', unit: 'h', width: 12,
      description: 'Hours a day, by how the programs ended.',
      asks: [[`sum by (cause) (increase(${series('lost_work_seconds_total')}[1d])) / 3600`, '{{cause}}']],
    },
    { type: 'timeseries', title: 'How many steps are done again?', description: 'Of runs that went on by themselves and report their steps.', unit: 'short', width: 12,
      asks: [[`sum by (cause) (increase(${series('lost_work_steps_total')}[${interval}]))`, '{{cause}}']] },
    {
      type: 'timeseries', title: 'How much work is there?', unit: 'h', width: 12,
      description: 'Hours a day that programs ran, counted when they end.',
      asks: [[`sum(increase(${series('work_seconds_total')}[1d])) / 3600`, 'worked']],
    },
    {
      type: 'timeseries', title: 'How many have saved nothing for long?', unit: 'short', width: 12,
      description: 'Running programs whose last checkpoint, or beginning, is 10 minutes ago and more. Their owners see them under what needs them.',
      asks: [[`max(${series('runs_checkpoint_overdue')})`, 'runs']],
    },
    {
      type: 'timeseries', title: 'How long since the last checkpoint?', unit: 's', width: 12,
      description: 'Over time: teeth are saves, a straight line up is a program that saves nothing.',
      asks: [[`max(${series('checkpoint_oldest_age_seconds')})`, 'oldest']],
    },
    { type: 'timeseries', title: 'Are checkpoints whole?', description: 'Those that a run was to go on from. Damaged ones are set aside.', unit: 'short', width: 12,
      asks: [[`sum by (verdict) (increase(${series('checkpoint_verifications_total')}[${interval}]))`, '{{verdict}}']] },
    {
      type: 'timeseries', title: 'What do those go on from that find something?', unit: 'short', width: 12,
      description: 'verified: a checkpoint that was looked at. forced: somebody insisted. none: files, but no checkpoint that is known.',
      asks: [[`sum by (checkpoint) (increase(${series('resumes_total')}[${interval}]))`, '{{checkpoint}}']],
    },
    { type: 'timeseries', title: 'Did they read it?', description: 'not_loaded and started_at_zero: somebody believes that training goes on, and it does not.', unit: 'short', width: 12,
      asks: [[`sum by (result) (increase(${series('resume_loads_total')}[${interval}]))`, '{{result}}']] },
    { type: 'timeseries', title: 'Was a resume refused for its checkpoints?', description: 'None was whole. `--force` would go on all the same.', unit: 'short', width: 12,
      asks: [[`sum by (code) (increase(${series('refusals_total', { code: '~checkpoints-damaged|outputs-empty' })}[${interval}]))`, '{{code}}']] },
  ],
};
