// When do copies, stores and logs need somebody?
import type { Alert } from '../alert.ts';
import { series } from '../expression.ts';

const free = series('storage_free_bytes');
const size = series('storage_size_bytes');

export const storageAlerts: readonly Alert[] = [
  {
    name: 'CopyStalled',
    severity: 'ticket',
    dashboard: 'storage',
    expr: ({ age }) => `max(${series('copy_oldest_progress_age_seconds')}) > ${age(120)}`,
    forSeconds: 120,
    summary: 'A copy does not get on',
    description: 'A copy of outputs has copied nothing for {{ $value | humanizeDuration }}.',
    runbook: {
      means: 'A run waits for that copy. The source is untouched, and the target is not visible before it is whole.',
      look: [
        '*Does the store ask for patience?*: it is overloaded, or doesn\'t answer. `/ready` of the storage-manager says what is wrong with it.',
        '`copy_progress` of the experiment, and the log of the storage-manager: what is tried again, and why.',
        'A disk that hangs: `dmesg`, `iostat -x 1`.'],
      mend: [
        'Mend the store; the copy goes on where it was.',
        'Restarting the storage-manager is safe: what is copied stays, and nothing is copied twice.',
        'Stopping the experiment cancels its copy and removes what was begun.',
      ],
    },
  },
  {
    name: 'StorageFullSoon',
    severity: 'page',
    dashboard: 'storage',
    expr: ({ window }) => `predict_linear(${free}[${window(21_600)}], 86400) < 0 and ${free} / ${size} < 0.15`,
    forSeconds: 1800,
    summary: 'The store {{ $labels.store }} will be full within a day',
    description: 'Less than 15 % of the store {{ $labels.store }} is free, and at the pace of the last six hours nothing will be tomorrow.',
    runbook: {
      means: 'Programs can\'t save on a full disk: what they do from then on is lost. Copies fail with `disk-full`.',
      look: ['*How much is free?* and *How fast is it filled?* per store.', 'What is large: `polyaxon project -p <project> retention` shows what could be deleted, and who still uses it.'],
      mend: [
        'Delete what nobody needs: retention first, it keeps pinned ones, and what others read.',
        'Enlarge the volume; nothing has to be restarted.',
        'Until then fewer new runs: `POLYAXON_MAX_CONCURRENT_RUNS`, or a store of its own for the large ones.',
      ],
    },
  },
  {
    name: 'LogGaps',
    severity: 'ticket',
    dashboard: 'services',
    expr: ({ window, age }) => `sum(increase(${series('log_gaps_total')}[${window(900)}])) > 0 or max(${series('log_archive_oldest_age_seconds')}) > ${age(300)}`,
    forSeconds: 0,
    summary: 'Console output is missing, or late',
    description: 'Console output of a run is missing, or a run that is over is not archived ({{ $value | humanize }}).',
    runbook: {
      means: 'A `run.log` has a gap, which is marked in it by a line in brackets; or a run that has ended is not done, since its logs are not complete.',
      look: [
        '*Why is console output missing?*: `gone`, the console file was removed before it was read; `cut`, the program has cut off its own output; `given-up`, `run.log` could not be '
          + 'written for a minute.',
        'Late: the log of the log-collector has why it tries again: a full disk, a right, a store that is away.',
      ],
      mend: [
        'Mend disk or store; it goes on by itself.',
        '`gone`: who cleans up in the folder of runs? Only the scheduler may.',
        '`cut`: tell the owner; a program must not truncate its standard output.',
      ],
    },
  },
];
