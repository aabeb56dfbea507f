// How does a command wait for what it started, and what does it make of the end?
import { setTimeout as delay } from 'node:timers/promises';
import type { CopyProgressBody, ExperimentBody } from '#contracts';
import { CommandFailure, exitCodes } from './failure.ts';
import { followLogs, type LogStyle } from './follow-logs.ts';
import { bytesText, copyText, filesText, progress, timeText } from './progress.ts';
import { experimentPath, type Session } from './session.ts';
import { ConnectionLost } from './transport.ts';
import type { ExperimentAddress } from './workspace.ts';

export interface WatchOptions {
  readonly logs?: boolean;
  readonly wait?: boolean;
}

const firstLookMs = 100;
const longestLookMs = 2_000;
/** A copy of hours says so often how far it is, also to a log. */
const copyToldMs = 5_000;

/** Follows the log or waits, as asked; the exit code is the run's. */
export async function watch(session: Session, address: ExperimentAddress, { logs, wait }: WatchOptions): Promise<number> {
  if (logs) return watchLogs(session, address, 0, { hideTime: false });
  return wait ? waitUntilDone(session, address) : exitCodes.ok;
}

export async function watchLogs(session: Session, address: ExperimentAddress, from: number, style: LogStyle): Promise<number> {
  session.onInterrupt(`stopped watching; experiment ${address.id} goes on`, `next: polyaxon experiment -xp ${address.id} logs -f`);
  return conclude(session, await followLogs(session, address, from, style));
}

export async function waitUntilDone(session: Session, address: ExperimentAddress, timeoutSeconds = Infinity): Promise<number> {
  const { isDone } = await import('#contracts');
  const { api, out } = session;
  session.onInterrupt(`stopped waiting; experiment ${address.id} goes on`, `next: polyaxon experiment -xp ${address.id} wait`);
  const deadline = performance.now() + timeoutSeconds * 1000;
  let said = '';
  let copyTellAt = performance.now() + copyToldMs;
  for (let pauseMs = firstLookMs; ; pauseMs = Math.min(longestLookMs, pauseMs * 1.5)) {
    const experiment = await stateOrAway(() => api.get<ExperimentBody>(experimentPath(address)));
    if (experiment && isDone(experiment.last_status)) {
      await out.result(experiment, { text: (paint) => paint.bold(experiment.last_status), name: String(experiment.id) });
      return conclude(session, experiment);
    }
    if (experiment && experiment.last_status !== said) out.notice(out.paintNotice.dim(`${(said = experiment.last_status)} ...`));
    if (experiment?.last_status === 'copying' && performance.now() >= copyTellAt) {
      const copied = await stateOrAway(() => copyProgress(session, address));
      if (copied) out.notice(out.paintNotice.dim(`copying: ${copyText(copied)}`));
      copyTellAt = performance.now() + copyToldMs;
    }
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) {
      const state = experiment ? `it is ${experiment.last_status}` : 'the platform does not answer';
      throw new CommandFailure(
        'timeout',
        exitCodes.timeout,
        `experiment ${address.id} was not done after ${timeoutSeconds} s: ${state}`,
        `polyaxon experiment -xp ${address.id} wait`,
      );
    }
    await delay(Math.min(pauseMs, leftMs));
  }
}

/** 0 only for a success; a stop is no success, but its checkpoints are kept. */
function conclude({ out }: Session, { id, last_status: status, last_status_message: message }: ExperimentBody): number {
  const ended = status === 'stopped' ? 'was stopped' : status === 'succeeded' || status === 'failed' ? status : `is ${status}`;
  out.notice(`experiment ${id} ${ended}${message ? `: ${message}` : ''}`);
  if (status === 'succeeded') out.next(`polyaxon experiment -xp ${id} outputs`);
  else if (status === 'stopped') out.next(`polyaxon experiment -xp ${id} resume`);
  else out.next(`polyaxon experiment -xp ${id} statuses`, `polyaxon experiment -xp ${id} restart -u`);
  return status === 'succeeded' ? exitCodes.ok : exitCodes.failure;
}

/** A bar until the copy is complete; only for a person, since a script can `wait`. */
export async function watchCopy(session: Session, address: ExperimentAddress): Promise<void> {
  const { api, out } = session;
  if (!out.interactive) return;
  session.onInterrupt(`stopped watching; the copy into experiment ${address.id} goes on`, `next: polyaxon experiment -xp ${address.id} get`);
  let bar: Awaited<ReturnType<typeof progress>> | undefined;
  let last: CopyProgressBody | null = null;
  for (;;) {
    const { last_status: status } = await api.get<ExperimentBody>(experimentPath(address));
    const copied = await copyProgress(session, address);
    if (copied) bar ??= await progress(out, 'copying', { bytes: copied.bytes, files: copied.files });
    if (copied) bar?.update(copied.bytes_done, copied.files_done, copied.seconds_left === null ? '' : `, about ${timeText(copied.seconds_left)} left`);
    last = copied ?? last;
    if (status !== 'created' && status !== 'copying') break;
    if (last && (!copied || (status === 'created' && copied.bytes_done >= copied.bytes && copied.files_done >= copied.files))) break;
    await delay(200);
  }
  if (last) bar?.update(last.bytes, last.files);
  bar?.end();
  if (last) out.notice(`copied ${filesText(last.files)}, ${bytesText(last.bytes)}`);
}

/** Null when nothing is being copied. */
export async function copyProgress({ api }: Session, address: ExperimentAddress): Promise<CopyProgressBody | null> {
  try {
    return await api.get<CopyProgressBody>(`${experimentPath(address)}/copy_progress`);
  } catch (error) {
    if ((error as CommandFailure).exitCode === exitCodes.notFound) return null;
    throw error;
  }
}

/** Null while nobody answers: a restart of the platform ends no wait. */
async function stateOrAway<Body>(ask: () => Promise<Body>): Promise<Body | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ConnectionLost) return null;
    throw error;
  }
}
