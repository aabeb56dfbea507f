// What is looked at to know whether runs get on?
import { interval, range, type Dashboard } from '../dashboard.ts';
import { bucketsOf, quantile, series } from '../expression.ts';

export const runs: Dashboard = {
  name: 'runs',
  title: 'Do runs get on?',
  description: 'From the queue to the end of a process, as the scheduler knows it.',
  panels: [
    { type: 'stat', title: 'How many runs are there?', description: 'Those that have not ended.', unit: 'short', width: 12, asks: [[`max by (status) (${series('runs')})`, '{{status}}']] },
    {
      type: 'bargauge', title: 'Are there slots?', unit: 'short', width: 6,
      description: 'Runs that may be live at once: POLYAXON_MAX_CONCURRENT_RUNS.',
      asks: [[`max by (state) (${series('executor_slots')})`, '{{state}}']],
    },
    {
      type: 'stat', title: 'How did runs end?', unit: 'short', width: 6,
      description: 'In the time that is shown.',
      asks: [[`sum by (outcome) (increase(${series('runs_finished_total')}[${range}]))`, '{{outcome}}']],
    },
    {
      type: 'timeseries', title: 'What do runs wait for?', unit: 'short', width: 12,
      description: 'Slots, a group\'s turn and the pause after a failure are as they should be. unschedulable, image: its user asks for what is not there. For anything else something has to happen.',
      asks: [[`max by (reason) (${series('runs_waiting')})`, '{{reason}}']],
    },
    {
      type: 'timeseries', title: 'How long has the oldest waited?', unit: 's', width: 12,
      description: 'Since anything has happened to it. Above 10 minutes, and for none of those, is RunsStuck.',
      asks: [[`max by (reason) (${series('run_oldest_waiting_age_seconds')})`, '{{reason}}']],
    },
    { type: 'timeseries', title: 'How many live?', description: 'Runs by their state, over time.', unit: 'short', width: 12, asks: [[`max by (status) (${series('runs')})`, '{{status}}']] },
    {
      type: 'timeseries', title: 'What do users see?', unit: 'short', width: 12,
      description: 'Experiments by status, also those that ended long ago.',
      asks: [[`max by (status) (${series('experiments')})`, '{{status}}']],
    },
    {
      type: 'timeseries', title: 'How long does it take from a slot to a process?', unit: 's', width: 12,
      description: 'Half are faster than the first line, 1 of 100 is slower than the last. Unpacked code, or outputs brought from S3, take long.',
      asks: [0.5, 0.99].map((share) => [quantile(share, 'run_launch_seconds', interval), `p${share * 100}`] as const),
    },
    {
      type: 'heatmap', title: 'How are these times spread?', unit: 's', width: 12,
      description: 'Each column is a time, each row a duration; the brighter, the more runs.',
      asks: [[`sum by (le) (rate(${bucketsOf('run_launch_seconds')}[${interval}]))`, '{{le}}']],
    },
    {
      type: 'timeseries', title: 'Why do attempts fail?', unit: 'short', width: 12,
      description: 'program, out-of-memory, image, unschedulable: the user\'s. start, outputs, code: ours or the store\'s. lost: nothing is known. infrastructure: the machine took it away too often.',
      asks: [[`sum by (reason) (increase(${series('run_attempts_failed_total')}[${interval}]))`, '{{reason}}']],
    },
    {
      type: 'timeseries', title: 'What does the machine take away?', unit: 'short', width: 12,
      description: 'Attempts that go on by themselves, from their last checkpoint. Many at once: a node is drained or lost. infrastructure: processes that vanished, and what nobody knows more of.',
      asks: [[`sum by (cause) (increase(${series('runs_preempted_total')}[${interval}]))`, '{{cause}}']],
    },
    {
      type: 'timeseries', title: 'Who does what only one may do?', unit: 'short', width: 12,
      description: 'The number of the takeover in the instance that does it, 0 in the others. A jump is a takeover.',
      asks: [[series('lease_epoch'), '{{lease}} {{instance}}']],
    },
    { type: 'timeseries', title: 'Was a replaced instance refused?', description: 'Acts of an instance that had slept through a takeover. Nothing was done twice.', unit: 'short', width: 12,
      asks: [[`sum by (job, lease) (increase(${series('lease_refusals_total')}[${interval}]))`, '{{lease}}']] },
    {
      type: 'timeseries', title: 'How far is the store behind the programs?', unit: 's', width: 8,
      description: 'With outputs on S3: what would be missing there if the machine were gone now. Of the run that is furthest ahead.',
      asks: [[`max(${series('carry_lag_seconds')})`, 'behind']],
    },
    {
      type: 'timeseries', title: 'How fast is it carried there?', unit: 'Bps', width: 8,
      description: 'Outputs on their way to S3.',
      asks: [[`sum(rate(${series('carried_bytes_total')}[${interval}]))`, 'carried']],
    },
    {
      type: 'timeseries', title: 'What has to be carried again?', unit: 'ops', width: 8,
      description: 'Tries that failed; they are repeated.',
      asks: [[`sum(rate(${series('carry_failures_total')}[${interval}]))`, 'failed']],
    },
  ],
};
