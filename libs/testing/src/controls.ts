// What does an ordinary experiment look like in a test? One example of each thing, changed where a test cares.
import type { ExperimentClone, ExperimentCopyRequested, ExperimentCreated, ExperimentDone, ExperimentOrder, ExperimentRestartRequested, ExperimentResumeRequested } from '#contracts';
import { experimentPath } from '#layout';

export const aTime = '2026-11-22T10:00:00.000Z';

/** Experiment `id` of mona's project mnist. */
export function anOrder(experimentId: number, change: Partial<ExperimentOrder> = {}): ExperimentOrder {
  const path = experimentPath({ user: 'mona', project: 'mnist', groupId: null, experimentId });
  return {
    experimentId, originalExperimentId: experimentId, uuid: `00000000-0000-4000-8000-${String(experimentId).padStart(12, '0')}`, projectId: 1, user: 'mona', project: 'mnist', groupId: null,
    requestedBy: 'mona', requestedAt: aTime, name: null, description: null, tags: [], content: '{"version":1,"kind":"experiment","run":{"cmd":"true"}}', params: {}, command: 'true',
    environment: {}, codeRevision: null, outputsPath: path, logsPath: path, isManaged: true, ttlSeconds: null, ...change,
  };
}

/** A clone of 23 unless changed. */
export function aClone(experimentId: number, cloningStrategy: ExperimentClone['cloningStrategy'], change: Partial<ExperimentClone> = {}): ExperimentClone {
  const original = cloningStrategy === 'resume' ? { originalExperimentId: 23, outputsPath: anOrder(23).outputsPath } : {};
  return { ...anOrder(experimentId), ...original, sourceExperimentId: 23, cloningStrategy, ...change };
}

export const created = (experimentId: number, change: Partial<ExperimentOrder> = {}): ExperimentCreated => ({ type: 'ExperimentCreated', data: anOrder(experimentId, change) });

export const resumed = (experimentId: number, change: Partial<ExperimentClone> & { forced?: boolean; from?: string } = {}): ExperimentResumeRequested => {
  const { forced = false, from, ...clone } = change;
  return { type: 'ExperimentResumeRequested', data: { ...aClone(experimentId, 'resume', clone), forced, ...(from !== undefined && { from }) } };
};

export const restarted = (experimentId: number, change: Partial<ExperimentClone> = {}): ExperimentRestartRequested => ({
  type: 'ExperimentRestartRequested',
  data: aClone(experimentId, 'restart', change),
});

export const copyRequested = (experimentId: number, change: Partial<ExperimentCopyRequested['data']> = {}): ExperimentCopyRequested => ({
  type: 'ExperimentCopyRequested',
  data: {
    ...aClone(experimentId, 'copy'), sourceOriginalExperimentId: 23, sourceOutputsPath: anOrder(23).outputsPath, sourceIsLive: false, copyFolders: [], copyFiles: [], ...change,
  },
});

export const done = (experimentId: number, change: Partial<ExperimentDone['data']> = {}): ExperimentDone => ({
  type: 'ExperimentDone',
  data: { experimentId, attempt: 1, status: 'stopped', message: null, exitCode: 143, doneAt: aTime, ...change },
});
