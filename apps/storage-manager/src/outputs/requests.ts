// What is written down when an experiment asks something of its outputs path?
import type {
  ExperimentCopyRequested, ExperimentCreated, ExperimentDeleted, ExperimentDone, ExperimentOutputsDeleteRequested, ExperimentRestartRequested, ExperimentResumeRequested, ExperimentStopRequested,
  RunAttemptFailed, RunPreempted,
} from '#contracts';
import { causeOf, type EventStore, type Recorded } from '#event-store';
import type { Unit } from '#messaging';
import type { WorkTable } from '../work/work-table.ts';
import { streamOf, type Clock } from '../work/worker.ts';
import { outputsDecider } from './decider.ts';

/** Only intent: files are the worker's. */
export class Requests {
  constructor(
    private readonly store: EventStore,
    private readonly table: WorkTable,
    private readonly now: Clock,
    private readonly wakeWorker: () => void,
  ) {}

  async prepare(event: Recorded<ExperimentCreated | ExperimentRestartRequested | ExperimentResumeRequested>, unit: Unit): Promise<void> {
    const { experimentId, originalExperimentId } = event.data;
    const start = 'forced' in event.data ? { from: event.data.from ?? null, forced: event.data.forced } : {};
    const payload = { ...placeOf(event.data), isResume: event.type === 'ExperimentResumeRequested', ...start };
    await this.table.add(unit.on, { kind: 'prepare', experimentId, originalExperimentId, payload, cause: causeOf('storage-manager', event) });
    unit.afterCommit(this.wakeWorker);
  }

  /** What the ended attempt has left may be cut off. Runs that ended before there was such a look don't wait for it. */
  async prepareAgain(event: Recorded<RunAttemptFailed | RunPreempted>, unit: Unit): Promise<void> {
    const { experimentId, attempt, outputs } = event.data;
    if (!outputs) return;
    const { originalExperimentId, forced } = outputs;
    const payload = { ...placeOf(outputs), isResume: true, attempt: attempt + 1, from: null, forced };
    await this.table.add(unit.on, { kind: 'prepare', experimentId, originalExperimentId, payload, cause: causeOf('storage-manager', event) });
    unit.afterCommit(this.wakeWorker);
  }

  async copy(event: Recorded<ExperimentCopyRequested>, unit: Unit): Promise<void> {
    const { experimentId, originalExperimentId, outputsPath, sourceExperimentId, sourceOutputsPath } = event.data;
    const { sourceOriginalExperimentId, sourceIsLive, copyFolders, copyFiles } = event.data;
    const cause = causeOf('storage-manager', event);
    const data = { experimentId, originalExperimentId, outputsPath, sourceExperimentId, sourceOutputsPath, startedAt: this.now() };
    await this.store.handleIn(unit.on, streamOf(event.data), outputsDecider, [{ type: 'StartCopy', data }], cause);
    const { from = null, forced = false } = event.data;
    const { sourceOutputsStore } = event.data;
    const source = { sourceOriginalExperimentId, sourceOutputsPath, ...(sourceOutputsStore !== undefined && { sourceOutputsStore }), sourceIsLive };
    const payload = { ...placeOf(event.data), ...source, folders: copyFolders, files: copyFiles, from, forced };
    await this.table.add(unit.on, { kind: 'copy', experimentId, originalExperimentId, payload, cause });
    unit.afterCommit(this.wakeWorker);
  }

  /** Nobody waits for its copy any more. */
  async cancelCopy(event: Recorded<ExperimentStopRequested | ExperimentDone>, unit: Unit): Promise<void> {
    if (await this.table.cancelCopy(unit.on, event.data.experimentId)) unit.afterCommit(this.wakeWorker);
  }

  async delete(event: Recorded<ExperimentDeleted | ExperimentOutputsDeleteRequested>, unit: Unit): Promise<void> {
    const { experimentId, originalExperimentId } = event.data;
    if ('outputsUnused' in event.data && !event.data.outputsUnused) return; // others read or write there
    await this.table.add(unit.on, { kind: 'delete', experimentId, originalExperimentId, payload: placeOf(event.data), cause: causeOf('storage-manager', event) });
    unit.afterCommit(this.wakeWorker);
  }
}

function placeOf({ outputsPath, outputsStore }: { readonly outputsPath: string; readonly outputsStore?: string }): { outputsPath: string; outputsStore?: string } {
  return { outputsPath, ...(outputsStore !== undefined && { outputsStore }) };
}
