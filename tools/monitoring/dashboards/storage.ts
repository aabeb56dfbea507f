// What is looked at to know how copies and stores are?
import { interval, range, type Dashboard } from '../dashboard.ts';
import { quantile, series } from '../expression.ts';

const free = series('storage_free_bytes');

export const storage: Dashboard = {
  name: 'storage',
  title: 'How are copies and stores?',
  description: 'Outputs that are copied, and room for more.',
  panels: [
    { type: 'stat', title: 'How many copies are under way?', description: 'Runs wait for them.', unit: 'short', width: 6, asks: [[`sum(${series('copies_running')})`, 'copies']] },
    { type: 'stat', title: 'How much is left?', description: 'Of the copies under way.', unit: 'bytes', width: 6, asks: [[`sum(${series('copy_bytes_left')})`, 'bytes']] },
    { type: 'stat', title: 'How many files are left?', description: 'Of the copies under way.', unit: 'short', width: 6, asks: [[`sum(${series('copy_files_left')})`, 'files']] },
    {
      type: 'stat', title: 'How much was copied?', unit: 'bytes', width: 6,
      description: 'Completely, in the time that is shown.',
      asks: [[`sum(increase(${series('copy_bytes_total')}[${range}]))`, 'copied']],
    },
    {
      type: 'timeseries', title: 'How fast are copies?', unit: 'Bps', width: 12,
      description: 'All together, also those that are not complete.',
      asks: [[`sum(rate(${series('copy_progress_bytes_total')}[${interval}]))`, 'copied']],
    },
    { type: 'timeseries', title: 'How long do copies take?', description: 'Of those that are complete: half are faster than the first line, 1 of 100 is slower than the last.', unit: 's', width: 12,
      asks: [0.5, 0.99].map((share) => [quantile(share, 'copy_duration_seconds', interval), `p${share * 100}`] as const) },
    {
      type: 'timeseries', title: 'Does a copy stand still?', unit: 's', width: 12,
      description: 'The longest time since one has got on. Above two minutes is CopyStalled.',
      asks: [[`max(${series('copy_oldest_progress_age_seconds')})`, 'still']],
    },
    { type: 'timeseries', title: 'Why do copies fail?', description: 'Nothing is left of the target then, and the source is untouched.', unit: 'short', width: 12,
      asks: [[`sum by (reason) (increase(${series('copy_failures_total')}[${interval}]))`, '{{reason}}']] },
    {
      type: 'timeseries', title: 'Does the store ask for patience?', unit: 'ops', width: 12,
      description: 'Requests to S3 that were made again.',
      asks: [[`sum(rate(${series('store_slow_downs_total')}[${interval}]))`, 'again']],
    },
    { type: 'timeseries', title: 'How much is free?', description: 'Of stores that are folders.', unit: 'bytes', width: 12, asks: [[`min by (store) (${free})`, '{{store}}']] },
    { type: 'bargauge', title: 'Which part of a store is free?', description: 'Below 15 % and shrinking is StorageFullSoon.', unit: 'percentunit', width: 12,
      asks: [[`min by (store) (${free} / ${series('storage_size_bytes')})`, '{{store}}']] },
    {
      type: 'timeseries', title: 'How much will be free tomorrow?', unit: 'bytes', width: 12,
      description: 'At the pace of the last six hours. Below 0: full.',
      asks: [[`min by (store) (predict_linear(${free}[6h], 86400))`, '{{store}}']],
    },
    {
      type: 'timeseries', title: 'How fast is it filled?', unit: 'Bps', width: 12,
      description: 'Below 0: more was deleted than written.',
      asks: [[`-min by (store) (deriv(${free}[1h]))`, '{{store}}']],
    },
  ],
};
