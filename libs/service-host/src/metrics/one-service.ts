// Which metrics does one service alone export?
import { doneStatuses, type ExperimentStatus } from '#contracts';
import { exportedBy, toldAtStart } from './metric.ts';

const liveStatuses = ['created', 'copying', 'building', 'scheduled', 'starting', 'running', 'warning', 'unschedulable', 'unknown'] as const satisfies readonly ExperimentStatus[];

const commandVerbs = ['create', 'resume', 'restart', 'copy', 'stop', 'delete'] as const;

const gateway = exportedBy(['api-gateway']);
export const ofGateway = {
  commands_total: gateway.counter({
    help: 'what was asked of experiments and groups, by how it ended: `done`, `repeated` (its answer was given before, under the same `Idempotency-Key`), `refused`, or `failed` on our side', unit: 'count',
    labels: { verb: commandVerbs, outcome: ['done', 'repeated', 'refused', 'failed'] }, use: 'chart',
  }),
  command_duration_seconds: gateway.histogram({
    help: 'of the same, from the first line of the request to the end of its answer', unit: 'seconds', labels: { verb: commandVerbs }, buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 1, 5], use: 'chart',
  }),
  stream_clients: gateway.gauge({ help: 'streams of events that somebody listens to: pages, `polyaxon events tail`, subscribers', unit: 'count', use: 'chart' }),
  experiments: gateway.gauge({
    help: 'experiments that are not deleted, as users see their status; counted at most every 15 s, the same in every gateway',
    unit: 'count',
    labels: { status: [...liveStatuses, ...doneStatuses] },
    use: 'chart',
  }),
  checkpoint_oldest_age_seconds: gateway.gauge({
    help: 'of the running experiments, the longest time since one saved a checkpoint, or else began: the work that is lost if it ends now; 0: none runs. Looked at every minute, for the 200 that began first',
    unit: 'seconds',
    use: 'chart',
  }),
  runs_without_checkpoint: gateway.gauge({ help: 'running experiments that have saved no checkpoint since they began', unit: 'count', use: 'chart' }),
  runs_checkpoint_overdue: gateway.gauge({
    help: 'of the same, those that have saved nothing for 10 minutes, or for as long since they began',
    unit: 'count',
    use: 'chart',
  }),
  auth_failures_total: gateway.counter({
    help: 'requests of somebody who is not known: with a `token` that is not valid, a wrong name or `password`, or the token of a `run` that is over',
    unit: 'count',
    labels: { reason: ['token', 'password', 'run'] },
    use: 'chart',
  }),
  work_seconds_total: gateway.counter({ help: 'how long programs ran, once they have ended: what was paid for', unit: 'seconds', use: 'alert' }),
  lost_work_seconds_total: gateway.counter({
    help: 'of programs that did not succeed: how long they ran since their last checkpoint. Nobody who resumes them gets that back. `preempted`: the machine took them away, and they went on',
    unit: 'seconds',
    labels: { cause: ['failed', 'stopped', 'preempted'] },
    use: 'alert',
  }),
  lost_work_steps_total: gateway.counter({
    help: 'of attempts that another one followed by itself: steps they reported after the checkpoint it went on from', unit: 'count', labels: { cause: ['failed', 'preempted'] }, use: 'chart',
  }),
  store_xmin_age_seconds: gateway.gauge({
    help: 'age of the oldest open transaction that has written: no event that was appended after its beginning is heard before its end',
    unit: 'seconds',
    use: 'alert',
  }),
};

export const waitingReasons = ['outputs', 'copy', 'slots', 'group', 'pause', 'start', 'unschedulable', 'image', 'building', 'cluster', 'stop', 'scheduler'] as const;

const scheduler = exportedBy(['scheduler']);
export const ofScheduler = {
  runs: scheduler.gauge({
    help: 'runs that have not ended: `waiting` for outputs, `held` for want of a slot, `scheduled`, `building`, `running`', unit: 'count',
    labels: { status: ['waiting', 'held', 'scheduled', 'building', 'running'] }, use: 'chart',
  }),
  runs_waiting: scheduler.gauge({
    help: 'runs without a process, by what they wait for: their `outputs`, a `copy` into them, free `slots`, their turn in a `group`, the `pause` after a failure, the `start` of a process that has its slot, '
      + 'a machine with room (`unschedulable`), their `image`, its `building`, a `cluster` that does not answer, a `stop`, or only the `scheduler`', unit: 'count', labels: { reason: waitingReasons }, use: 'chart',
  }),
  run_oldest_waiting_age_seconds: scheduler.gauge({ help: 'of these, the longest time since anything has happened to one; 0: none waits for that', unit: 'seconds', labels: { reason: waitingReasons }, use: 'alert' }),
  executor_slots: scheduler.gauge({ help: 'runs that may be live at once', unit: 'count', labels: { state: ['taken', 'free'] }, use: 'chart' }),
  run_launch_seconds: scheduler.histogram({ help: 'from a slot to a process', unit: 'seconds', buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30], use: 'chart' }),
  runs_finished_total: scheduler.counter({ help: 'runs that have ended', unit: 'count', labels: { outcome: ['succeeded', 'failed', 'stopped'] }, use: 'chart' }),
  run_attempts_failed_total: scheduler.counter({
    help: 'attempts that failed, also those that are made again: the `program` failed, or was `out-of-memory`, it could not be started (`start`), its `image`, its `outputs` or its `code` could not be had, no machine '
      + 'had room (`unschedulable`), it is `lost`, or the machine took it away too often (`infrastructure`)', unit: 'count',
    labels: { reason: ['program', 'out-of-memory', 'start', 'build', 'image', 'unschedulable', 'outputs', 'code', 'lost', 'infrastructure'] }, use: 'chart',
  }),
  runs_preempted_total: scheduler.counter({
    help: 'attempts that the machine took away, and that go on as another attempt', unit: 'count', labels: { cause: ['preempted', 'evicted', 'node-lost', 'infrastructure'] }, use: 'chart',
  }),
  resume_loads_total: exportedBy(['scheduler', 'api-gateway']).counter({
    help: 'attempts that were given a checkpoint, once it is known whether they have read it: `proven`, `not_loaded`, or `unknown` where that can\'t be seen, or the program failed before; and those that '
      + 'counted their steps from zero all the same (`started_at_zero`, told by the gateway)', unit: 'count',
    labels: { result: ['proven', 'not_loaded', 'unknown', 'started_at_zero'] }, use: 'alert',
  }),
  carry_lag_seconds: scheduler.gauge({ help: 'with outputs on an S3 store: how far it is behind the run that is furthest ahead of it', unit: 'seconds', use: 'chart' }),
  carried_bytes_total: scheduler.counter({ help: 'bytes of outputs that got into that store', unit: 'bytes', use: 'chart' }),
  carry_failures_total: scheduler.counter({ help: 'tries to carry outputs to that store that failed, and are repeated', unit: 'count', use: 'chart' }),
};

const storageManager = exportedBy(['storage-manager']);
export const copyFailureReasons = [
  'disk-full', 'permission', 'source-missing', 'source-changed', 'target-exists', 'name-invalid', 'verification-failed', 'cancelled', 'io', 'nothing-to-copy', 'checkpoints-damaged', 'refused',
] as const;
export const ofStorageManager = {
  copies_running: storageManager.gauge({ help: 'copies of outputs under way', unit: 'count', use: 'chart' }),
  copy_bytes_total: storageManager.counter({ help: 'bytes of outputs that were copied completely', unit: 'bytes', use: 'chart' }),
  copy_duration_seconds: storageManager.histogram({
    help: 'of copies that are complete: from their beginning, or from the takeover of one that was interrupted, to their end', unit: 'seconds', buckets: [0.1, 0.5, 2.5, 10, 60, 300, 1800], use: 'chart',
  }),
  copy_progress_bytes_total: storageManager.counter({ help: 'bytes of outputs that were copied so far, also by copies that are not complete: its rate is their speed', unit: 'bytes', use: 'chart' }),
  copy_bytes_left: storageManager.gauge({ help: 'bytes that the copies under way still have to copy', unit: 'bytes', use: 'chart' }),
  copy_files_left: storageManager.gauge({ help: 'files that the copies under way still have to copy', unit: 'count', use: 'chart' }),
  copy_failures_total: storageManager.counter({ help: 'copies of outputs that failed', unit: 'count', labels: { reason: copyFailureReasons }, use: 'chart' }),
  copy_oldest_progress_age_seconds: storageManager.gauge({ help: 'of the copies under way, the longest time since one has got on; 0: none is under way', unit: 'seconds', use: 'alert' }),
  store_slow_downs_total: storageManager.counter({ help: 'requests that the S3 store asked patience for, or did not answer, and that were made again', unit: 'count', use: 'chart' }),
  storage_free_bytes: storageManager.gauge({ help: 'of stores that are folders: what is free there', unit: 'bytes', labels: { store: toldAtStart }, use: 'alert' }),
  storage_size_bytes: storageManager.gauge({ help: 'of stores that are folders: how large their file system is', unit: 'bytes', labels: { store: toldAtStart }, use: 'alert' }),
  checkpoint_verifications_total: storageManager.counter({ help: 'checkpoints that were looked at because a run was to go on from them', unit: 'count', labels: { verdict: ['whole', 'damaged'] }, use: 'alert' }),
  resumes_total: storageManager.counter({
    help: 'runs that found something in their outputs: they were given a checkpoint that was looked at (`verified`), somebody insisted (`forced`), or there was `none`', unit: 'count',
    labels: { checkpoint: ['verified', 'forced', 'none'] }, use: 'chart',
  }),
};

const logCollector = exportedBy(['log-collector']);
export const ofLogCollector = {
  log_bytes_total: logCollector.counter({ help: 'bytes of console output that are in `run.log`', unit: 'bytes', use: 'chart' }),
  log_lines_total: logCollector.counter({ help: 'lines of console output that are in `run.log`', unit: 'count', use: 'chart' }),
  log_lag_bytes: logCollector.gauge({ help: 'printed and not archived yet, as far as it is known', unit: 'bytes', use: 'chart' }),
  log_delay_seconds: logCollector.histogram({
    help: 'from when something was printed, or arrived from a pod, to `run.log`, where everybody sees it: of the last of each piece. Also what was printed while nobody collected',
    unit: 'seconds', buckets: [0.025, 0.05, 0.1, 0.25, 1, 5, 30], use: 'chart',
  }),
  log_archives_pending: logCollector.gauge({ help: 'attempts that are over and not archived to the end', unit: 'count', use: 'chart' }),
  log_consoles_followed: logCollector.gauge({ help: 'attempts whose console output is being archived', unit: 'count', use: 'chart' }),
  log_bytes_lost_total: logCollector.counter({ help: 'bytes of console output that could not be had, at least', unit: 'bytes', use: 'debug' }),
  log_archives_failed_total: logCollector.counter({ help: 'attempts whose console output was given up', unit: 'count', use: 'debug' }),
  log_gaps_total: logCollector.counter({
    help: 'places where console output is missing: the console was `gone`, the program has `cut` it off, what a pod had printed was `missing` when its node was lost, or it was `given-up`',
    unit: 'count', labels: { reason: ['gone', 'cut', 'missing', 'given-up'] }, use: 'alert',
  }),
  log_archive_oldest_age_seconds: logCollector.gauge({ help: 'of the attempts that are over and not archived to the end, the longest time since that was heard; 0: there is none', unit: 'seconds', use: 'alert' }),
};
