// Is every experiment told once whether it may write its outputs path, whatever is asked in whatever order?
import * as fc from 'fast-check';
import type { OutputsCopied, OutputsCopyFailed, OutputsCopyStarted, OutputsDeleted, OutputsEvent, OutputsPrepared, OutputsPrepareFailed } from '#contracts';
import { evolveAll, given, Refusal } from '#decider';
import { outputsDecider as outputs, type OutputsCommand } from './decider.ts';
import type { PrepareOutputs } from './prepare.ts';

const at = '2026-11-23T10:00:00.000Z';
const outputsPath = 'mona/mnist/experiments/31';
const of = (experimentId: number) => ({ experimentId, originalExperimentId: 31, outputsPath });
const source = { sourceExperimentId: 25, sourceOutputsPath: 'mona/mnist/experiments/23' };
const report = { files: 3, sizeBytes: 1000, digest: 'abc', skippedLinks: 1 };

const prepare = (folder: PrepareOutputs['data']['folder'], { experimentId = 31, isResume = false, attempt }: { experimentId?: number; isResume?: boolean; attempt?: number } = {}): OutputsCommand => ({
  type: 'PrepareOutputs',
  data: { ...of(experimentId), ...(attempt !== undefined && { attempt }), isResume, folder, preparedAt: at },
});
const startCopy: OutputsCommand = { type: 'StartCopy', data: { ...of(31), ...source, startedAt: at } };
const completeCopy: OutputsCommand = { type: 'CompleteCopy', data: { ...of(31), ...report, copiedAt: at } };
const failCopy: OutputsCommand = { type: 'FailCopy', data: { ...of(31), reason: 'disk-full', message: 'There is no room left.', failedAt: at } };
const deleteOutputs: OutputsCommand = { type: 'DeleteOutputs', data: { ...of(31), deletedAt: at } };

const prepared = (experimentId = 31): OutputsPrepared => ({ type: 'OutputsPrepared', data: { ...of(experimentId), preparedAt: at } });
const prepareFailed = (reason: string): OutputsPrepareFailed => ({ type: 'OutputsPrepareFailed', data: { ...of(31), reason, failedAt: at } });
const copyStarted: OutputsCopyStarted = { type: 'OutputsCopyStarted', data: { ...of(31), ...source, startedAt: at } };
const copied: OutputsCopied = { type: 'OutputsCopied', data: { ...of(31), ...source, ...report, copiedAt: at } };
const copyFailed: OutputsCopyFailed = { type: 'OutputsCopyFailed', data: { ...of(31), sourceExperimentId: 25, reason: 'disk-full', message: 'There is no room left.', failedAt: at } };
const deleted: OutputsDeleted = { type: 'OutputsDeleted', data: { ...of(31), deletedAt: at } };

describe('prepare', () => {
  it('happens: the folder of a new experiment is empty', () => given(outputs).when(prepare({ state: 'empty' })).then(prepared()));
  it('happens: a resume goes on in what is there', () => given(outputs, prepared()).when(prepare({ state: 'filled' }, { experimentId: 40, isResume: true })).then(prepared(40)));
  it('happens: a resume of a copy', () => given(outputs, copyStarted, copied).when(prepare({ state: 'filled' }, { experimentId: 40, isResume: true })).then(prepared(40)));
  it('fails where a new experiment would write into the files of others', () =>
    given(outputs).when(prepare({ state: 'filled' })).then(prepareFailed(`the outputs path ${outputsPath} holds files of somebody else, which were left as they are`)));
  it('fails with the reason of the volume', () =>
    given(outputs).when(prepare({ state: 'failed', problem: 'EROFS: read-only file system' })).then(prepareFailed(`the outputs path ${outputsPath} can't be used: EROFS: read-only file system`)));
  it('fails for another than the one it is being filled for, who is told by the end of the copy', () => {
    given(outputs, copyStarted).when(prepare({ state: 'empty' })).thenNothing();
    const [event] = outputs.decide(prepare({ state: 'filled' }, { experimentId: 40, isResume: true }), evolveAll(outputs, [copyStarted]));
    expect(event).toMatchObject({ type: 'OutputsPrepareFailed', data: { experimentId: 40 } });
  });
  it('again is nothing', () => given(outputs, prepared()).when(prepare({ state: 'filled' })).thenNothing());
  it('happens once more for a later attempt, once, and an earlier one is not told late', () => {
    const again: OutputsPrepared = { type: 'OutputsPrepared', data: { ...of(31), attempt: 2, preparedAt: at } };
    const second = prepare({ state: 'filled' }, { isResume: true, attempt: 2 });
    given(outputs, prepared()).when(second).then(again);
    given(outputs, copyStarted, copied).when(second).then(again);
    given(outputs, prepared(), again).when(second).thenNothing();
    given(outputs, prepared(), again).when(prepare({ state: 'filled' })).thenNothing();
  });
  it('again after it failed is nothing', () => given(outputs, prepareFailed('EROFS')).when(prepare({ state: 'empty' })).thenNothing());
  it('after the deletion leaves nobody waiting', () => given(outputs, deleted).when(prepare({ state: 'empty' })).then(prepareFailed(`the outputs path ${outputsPath} was deleted`)));
});

describe('start of a copy', () => {
  it('happens', () => given(outputs).when(startCopy).then(copyStarted));
  it('again is nothing', () => given(outputs, copyStarted).when(startCopy).thenNothing());
  it('is nothing where somebody writes already', () => given(outputs, prepared()).when(startCopy).thenNothing());
  it('after the deletion is nothing', () => given(outputs, deleted).when(startCopy).thenNothing());
});

describe('end of a copy', () => {
  it('happens: it is complete', () => given(outputs, copyStarted).when(completeCopy).then(copied));
  it('happens: it failed', () => given(outputs, copyStarted).when(failCopy).then(copyFailed));
  it('again is nothing', () => given(outputs, copyStarted, copied).when(completeCopy).thenNothing());
  it('that came too late is nothing', () => given(outputs, copyStarted, copied).when(failCopy).thenNothing());
  it('after it failed is nothing', () => given(outputs, copyStarted, copyFailed).when(completeCopy).thenNothing());
  it('before it began is nothing', () => given(outputs).when(completeCopy).thenNothing());
});

describe('deletion', () => {
  it('happens', () => given(outputs, prepared()).when(deleteOutputs).then(deleted));
  it('happens after a copy that failed', () => given(outputs, copyStarted, copyFailed).when(deleteOutputs).then(deleted));
  it('is refused while they are being filled', () => {
    given(outputs, copyStarted).when(deleteOutputs).thenRefused('experiment-not-done');
  });
  it('again is nothing', () => given(outputs, prepared(), deleted).when(deleteOutputs).thenNothing());
  it('of what was never there happens too', () => given(outputs).when(deleteOutputs).then(deleted));
});

describe('whatever is asked in whatever order', () => {
  const anyPrepare = fc.record({ experimentId: fc.integer({ min: 31, max: 34 }), state: fc.constantFrom<'empty' | 'filled'>('empty', 'filled') })
    .map(({ experimentId, state }) => prepare({ state }, { experimentId, isResume: experimentId !== 31 }));
  const anyCommand = fc.oneof(anyPrepare, fc.constantFrom(startCopy, completeCopy, failCopy, deleteOutputs));
  const history = (commands: readonly OutputsCommand[]): OutputsEvent[] =>
    commands.reduce<OutputsEvent[]>((events, command) => [...events, ...decide(command, events)], []);
  const decide = (command: OutputsCommand, events: readonly OutputsEvent[]): OutputsEvent[] => {
    try {
      return outputs.decide(command, evolveAll(outputs, events));
    } catch (error) {
      if (error instanceof Refusal) return [];
      throw error;
    }
  };
  const answers: readonly string[] = ['OutputsPrepared', 'OutputsPrepareFailed', 'OutputsCopied', 'OutputsCopyFailed'];

  it('each experiment is answered at most once', () =>
    fc.assert(fc.property(fc.array(anyCommand, { maxLength: 20 }), (commands) => {
      const told = history(commands).filter(({ type }) => answers.includes(type)).map(({ data }) => data.experimentId);
      expect(new Set(told).size).toBe(told.length);
    })));

  it('the same command twice is the same stream', () =>
    fc.assert(fc.property(fc.array(anyCommand, { maxLength: 12 }), (commands) => {
      const twice = commands.flatMap((command) => [command, command]);
      expect(history(twice)).toEqual(history(commands));
    })));

  it('nothing may be written after the deletion, which happens once', () =>
    fc.assert(fc.property(fc.array(anyCommand, { maxLength: 20 }), (commands) => {
      const types = history(commands).map(({ type }) => type);
      const [, ...after] = types.slice(types.indexOf('OutputsDeleted'));
      if (types.includes('OutputsDeleted')) expect(after.every((type) => type === 'OutputsPrepareFailed')).toBe(true);
    })));
});
