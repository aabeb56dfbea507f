// Do outputs go only when nobody needs them, and does nobody go on from those that are gone?
import type { ExperimentEvent } from '#contracts';
import { given as givenWith } from '#decider';
import { aClone, anOrder, aTime, created, done, resumed } from '#testing';
import { experimentDecider, type ExperimentCommand } from './decider.ts';

const given = (...history: ExperimentEvent[]) => givenWith(experimentDecider, ...history);
const by = { requestedBy: 'mona', requestedAt: aTime };
const remove = (experimentId: number, change: { usedBy?: number[]; searchedBy?: number[]; force?: boolean; reason?: string } = {}): ExperimentCommand => ({
  type: 'DeleteOutputs', data: { experimentId, usedBy: [], searchedBy: [], force: false, ...by, ...change },
});
const gone = (experimentId: number, change = {}): ExperimentEvent => ({
  type: 'ExperimentOutputsDeleteRequested', data: { experimentId, originalExperimentId: 23, outputsPath: anOrder(23).outputsPath, ...change, ...by },
});
const pinned = (experimentId: number): ExperimentEvent => ({ type: 'ExperimentPinned', data: { experimentId, pinnedBy: 'mona', pinnedAt: aTime } });
const unpinned = (experimentId: number): ExperimentEvent => ({ type: 'ExperimentUnpinned', data: { experimentId, unpinnedBy: 'mona', unpinnedAt: aTime } });
const command = (event: ExperimentEvent): ExperimentCommand =>
  ({ type: event.type === 'ExperimentPinned' ? 'PinExperiment' : 'UnpinExperiment', data: event.data }) as ExperimentCommand;
const clone = (sourceExperimentId: number, experimentId: number) => ({
  experimentId, uuid: anOrder(experimentId).uuid, sourceExperimentId, ...by, name: null, specification: { content: '', params: {}, command: 'true', environment: {} },
  outputs: { files: 3, problem: null, alternatives: [] },
});

describe('outputs', () => {
  it('are deleted for all that share them', () => {
    given(created(23), done(23)).when(remove(23)).then(gone(23));
    given(created(23), done(23), resumed(31), done(31)).when(remove(31, { reason: 'retention' })).then(gone(31, { reason: 'retention' }));
  });
  it('asked for again is the same, for whichever of them', () => given(created(23), done(23), resumed(31), done(31), gone(31)).when(remove(23)).thenNothing());
  it('stay while one of them is live, who is named', () => {
    given(created(23)).when(remove(23)).thenRefused('experiment-not-done');
    expect(given(created(23), done(23), resumed(31)).when(remove(23)).thenRefused('experiment-not-done').fix).toBe('polyaxon experiment -xp 31 stop');
  });
  it('stay while somebody else needs them, who is named', () => {
    expect(given(created(23), done(23)).when(remove(23, { usedBy: [40, 41] })).thenRefused('outputs-in-use').message).toContain('experiments 40, 41');
    expect(given(created(23), done(23)).when(remove(23, { searchedBy: [7] })).thenRefused('group-not-done').message).toContain('group 7');
    given(created(23), done(23)).when(remove(23, { usedBy: [40], force: true })).thenRefused('outputs-in-use');
  });
  it('stay while one of them is pinned, unless forced', () => {
    const history = [created(23), done(23), resumed(31), done(31), pinned(31)];
    expect(given(...history).when(remove(23)).thenRefused('experiment-pinned').fix).toBe('polyaxon experiment -xp 31 unpin');
    given(...history).when(remove(23, { force: true })).then(gone(23));
    given(...history, unpinned(31)).when(remove(23)).then(gone(23));
  });
  it('that are gone are gone on from by nobody, forced or not', () => {
    const history = [created(23), done(23), gone(23)];
    expect(given(...history).when({ type: 'ResumeExperiment', data: { ...clone(23, 31), force: true } }).thenRefused('outputs-deleted').fix).toBe('polyaxon experiment -xp 23 restart');
  });
});

describe('a pin', () => {
  it('is set and taken off, once', () => {
    given(created(23)).when(command(pinned(23))).then(pinned(23));
    given(created(23), pinned(23)).when(command(pinned(23))).thenNothing();
    given(created(23), pinned(23)).when(command(unpinned(23))).then(unpinned(23));
    given(created(23)).when(command(unpinned(23))).thenNothing();
    given().when(command(pinned(23))).thenRefused('experiment-not-found');
  });
  it('keeps the experiment from being deleted, too', () => {
    const deletion = (force: boolean): ExperimentCommand => ({ type: 'DeleteExperiment', data: { experimentId: 23, copiedBy: [], force, deletedBy: 'mona', deletedAt: aTime } });
    const history = [created(23), done(23), pinned(23)];
    given(...history).when(deletion(false)).thenRefused('experiment-pinned');
    const { outputsPath, logsPath } = anOrder(23);
    given(...history).when(deletion(true)).then({ type: 'ExperimentDeleted', data: { experimentId: 23, originalExperimentId: 23, outputsPath, logsPath, outputsUnused: true, deletedBy: 'mona', deletedAt: aTime } });
  });
  it('is not taken over by a resume', () => {
    given(created(23), pinned(23), done(23), resumed(31)).when(command(pinned(31))).then(pinned(31));
    expect(aClone(31, 'resume').outputsPath).toBe(anOrder(23).outputsPath);
  });
});
