// When do runs not get on, and when is work not safe?
import type { Alert } from '../alert.ts';
import { series } from '../expression.ts';
import { names } from '../recording-rules.ts';

export const workAlerts: readonly Alert[] = [
  {
    name: 'RunsStuck',
    severity: 'page',
    dashboard: 'runs',
    expr: ({ age }) => `max by (reason) (${series('run_oldest_waiting_age_seconds', { reason: '!~slots|group|pause|copy|unschedulable|image' })}) > ${age(600)}`,
    forSeconds: 300,
    summary: 'A run waits, and it is not its turn that it waits for',
    description: 'A run has waited {{ $value | humanizeDuration }} for: {{ $labels.reason }}.',
    runbook: {
      means: 'Somebody has asked for a run and nothing happens. Waiting for a slot, a turn in a group, the pause after a failure or a copy is not counted: the first three are as they '
        + 'should be, a copy has CopyStalled. Nor are runs that ask for what the cluster does not have, a node with room or an image: their users read it.',
      look: ['`outputs`: the storage-manager has not said that the outputs path may be written. Is it there, is its store, is it behind (ConsumerBehind)?',
        '`start`: it has a slot and no process. The log of the scheduler says what its launch waits for: code that can\'t be unpacked, a full disk, outputs that are brought from S3.',
        '`cluster`: the cluster does not answer, or forbids something: `/ready` of the scheduler says which.',
        '`stop`: it was asked to stop before it began, and the scheduler has not done so. `scheduler`: only the scheduler is missing: does one have the lease (*Who does what only one may do?*)?',
        '`polyaxon experiment -xp <n> statuses` and `npm run story -- <n>`: the last event is what it got to.'],
      mend: [
        'Bring back the one that is waited for; the run goes on by itself.',
        'Restarting the scheduler or the storage-manager is safe at any moment.',
        'Nothing helps one of them: stop it, and `polyaxon experiment -xp <n> restart`.',
      ],
    },
  },
  {
    name: 'ResumeWithoutLoad',
    severity: 'page',
    dashboard: 'work',
    expr: ({ window }) => `sum(increase(${series('resume_loads_total', { result: '~not_loaded|started_at_zero' })}[${window(900)}])) > 0`,
    forSeconds: 0,
    summary: 'A run was given a checkpoint and began at zero',
    description: '{{ $value | humanize }} attempts of the last 15 minutes ended, or count their steps, as if the checkpoint they were given had not been there.',
    runbook: {
      means: 'Somebody believes that training goes on, and it began again: hours are paid twice, and the new run may overwrite what the old one saved.',
      look: [
        'Which: `polyaxon project experiments -q "cloning_strategy:resume"`, newest first; the run has a warning that names the checkpoint.',
        '`polyaxon experiment -xp <n> checkpoints` shows what it was given, and how it is known that it was not read.',
      ],
      mend: [
        'Is it running still: stop it, now, before it saves over the old checkpoints.',
        'Its program has to load `POLYAXON_CHECKPOINT_PATH` (or `get_checkpoint()`); docs/frameworks.md has the lines for each framework.',
        '`polyaxon experiment -xp <n> resume -u` with the mended program, `--from <step>` for an older checkpoint.', 'Tell its owner.'],
    },
  },
  {
    name: 'CheckpointDamaged',
    severity: 'ticket',
    dashboard: 'work',
    expr: ({ window }) => `sum(increase(${series('checkpoint_verifications_total', { verdict: 'damaged' })}[${window(1800)}])) > 0 `
      + `or sum(increase(${series('refusals_total', { code: 'checkpoints-damaged' })}[${window(1800)}])) > 0`,
    forSeconds: 0,
    summary: 'A checkpoint is damaged',
    description: '{{ $value | humanize }} checkpoints that a run was to go on from in the last 30 minutes were damaged.',
    runbook: {
      means: 'Damaged ones are set aside, and the run goes on from the newest that is whole: what was done since is lost. Where none is whole, the resume is refused.',
      look: [
        '`polyaxon experiment -xp <n> checkpoints`: which, and why (cut short, wrong checksum).',
        'One that is cut short: the program was killed while it saved. Is the time to save (`POLYAXON_GRACE_PERIOD_SECONDS`) too short, was the disk full?',
        'Many, or wrong checksums: the disk or the store. Look at it before anything else is written there.'],
      mend: [
        'Nothing has to be moved: the set-aside file stays in `.polyaxon/set-aside` of the outputs.',
        'Pin an experiment whose checkpoints must stay.',
        'A program that saves beside the old one and renames never leaves half a file.',
      ],
    },
  },
  {
    name: 'LostWorkHigh',
    severity: 'ticket',
    dashboard: 'work',
    expr: () => `${names.lostWorkRatio} > 0.05`,
    forSeconds: 900,
    summary: 'Much work is lost at the end of runs',
    description: '{{ $value | humanizePercentage }} of the time that programs ran in the last day was after their last checkpoint, and they did not succeed.',
    runbook: {
      means: 'Programs fail, are stopped or are taken away long after they have saved something. That time is paid for and nobody gets it back.',
      look: [
        '*Why is work lost?*: `failed` programs, `stopped` ones, or those that the machine took away (`preempted`; *What does the machine take away?* says how).',
        '*How old is the oldest last checkpoint?*: who saves too seldom loses most.',
        '*Why do attempts fail?*: `out-of-memory` ones need more of it, or fewer neighbours.',
      ],
      mend: [
        'Save more often: half of what may be lost is the longest interval that makes sense.',
        'Save when stopped: programs get SIGTERM and `POLYAXON_GRACE_PERIOD_SECONDS`.',
        'Fewer runs at once where memory is short (`POLYAXON_MAX_CONCURRENT_RUNS`).',
      ],
    },
  },
];
