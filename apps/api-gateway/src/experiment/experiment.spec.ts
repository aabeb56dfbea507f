// Do the verbs mean what the user guide says, in whatever order they come?
import fc from 'fast-check';
import type { ExperimentEvent } from '#contracts';
import { evolveAll, given as givenWith, Refusal } from '#decider';
import { aClone, anOrder, aTime, copyRequested, created, done, resumed, restarted } from '#testing';
import type { CloneCommand, OutputsFound } from './clone.ts';
import { copy, type CopyExperiment } from './copy.ts';
import { experimentDecider, type ExperimentCommand } from './decider.ts';
import { restart } from './restart.ts';

const given = (...history: ExperimentEvent[]) => givenWith(experimentDecider, ...history);
const order = anOrder(1);
const found = (change: Partial<OutputsFound> = {}): OutputsFound => ({ files: 3, problem: null, alternatives: [], ...change });

const cloneOf = (sourceExperimentId: number, experimentId: number, change: Partial<CloneCommand> = {}): CloneCommand => ({
  experimentId, uuid: anOrder(experimentId).uuid, sourceExperimentId, requestedBy: 'mona', requestedAt: aTime, name: null,
  specification: { content: order.content, params: {}, command: 'true', environment: {} }, ...change,
});
const resume = (sourceExperimentId: number, experimentId: number, change: Partial<CloneCommand & { outputs: OutputsFound; force: boolean; from: string }> = {}): ExperimentCommand => ({
  type: 'ResumeExperiment',
  data: { ...cloneOf(sourceExperimentId, experimentId), outputs: found(), force: false, ...change },
});
const stop = (experimentId: number): ExperimentCommand => ({ type: 'StopExperiment', data: { experimentId, requestedBy: 'mona', requestedAt: aTime } });
const end = (experimentId: number): ExperimentCommand => ({ type: 'EndExperiment', data: done(experimentId).data });
const remove = (experimentId: number, copiedBy: number[] = []): ExperimentCommand => ({ type: 'DeleteExperiment', data: { experimentId, copiedBy, deletedBy: 'mona', deletedAt: aTime } });
const stopRequested = (experimentId: number): ExperimentEvent => ({ type: 'ExperimentStopRequested', data: { experimentId, requestedBy: 'mona', requestedAt: aTime } });
const deleted = (experimentId: number, outputsUnused: boolean): ExperimentEvent => {
  const { outputsPath, logsPath } = experimentId === 23 ? anOrder(23) : aClone(experimentId, 'resume');
  return { type: 'ExperimentDeleted', data: { experimentId, originalExperimentId: 23, outputsPath, logsPath, outputsUnused, deletedBy: 'mona', deletedAt: aTime } };
};

describe('a resume', () => {
  it('goes on in the outputs of its original', () => given(created(23), done(23)).when(resume(23, 31)).then(resumed(31)));
  it('of a resume goes on in the root original’s outputs', () =>
    given(created(23), done(23), resumed(31), done(31)).when(resume(31, 32)).then(resumed(32, { sourceExperimentId: 31 })));
  it('takes spec, params and code of the one named, also when that is a resume itself', () =>
    given(created(23, { codeRevision: 'a' }), done(23), resumed(31, { codeRevision: 'b', tags: ['newer'] }), done(31))
      .when(resume(31, 32, { specification: { content: 'merged', params: { lr: 2 }, command: 'train --lr=2', environment: { resources: {} } } }))
      .then(resumed(32, { sourceExperimentId: 31, codeRevision: 'b', tags: ['newer'], content: 'merged', params: { lr: 2 }, command: 'train --lr=2', environment: { resources: {} } })));
  it('takes the latest upload with -u, and the given name, tags and description', () =>
    given(created(23, { codeRevision: 'a', name: 'first', tags: ['x'] }), done(23))
      .when(resume(23, 31, { updatedCodeRevision: 'c', name: 'again', tags: ['y'], description: 'why', ttlSeconds: 60 }))
      .then(resumed(31, { codeRevision: 'c', name: 'again', tags: ['y'], description: 'why', ttlSeconds: 60 })));
  it('asked again is the same', () => given(created(23), done(23), resumed(31)).when(resume(23, 31)).thenNothing());
  it('is refused while its source is live', () => {
    const refusal = given(created(23)).when(resume(23, 31)).thenRefused('experiment-not-done');
    expect(refusal.fix).toBe('polyaxon experiment -xp 23 stop');
  });
  it('is refused while another resume of the same original is live, which is named', () => {
    const refusal = given(created(23), done(23), resumed(31)).when(resume(23, 32)).thenRefused('experiment-not-done');
    expect(refusal.message).toContain('experiment 31');
    expect(refusal.fix).toBe('polyaxon experiment -xp 31 stop');
  });
  it('is refused when nothing ever ran, and a restart is offered', () =>
    expect(given(created(23), done(23, { attempt: 0 })).when(resume(23, 31)).thenRefused('experiment-never-ran').fix).toBe('polyaxon experiment -xp 23 restart'));
  it('is refused without outputs, unless forced', () => {
    given(created(23), done(23)).when(resume(23, 31, { outputs: found({ files: 0 }) })).thenRefused('outputs-empty');
    given(created(23), done(23)).when(resume(23, 31, { outputs: found({ files: 0 }), force: true })).then(resumed(31, { forced: true }));
  });
  it('is refused when every recognised checkpoint is damaged, unless forced', () => {
    const outputs = found({ problem: { code: 'checkpoints-damaged', message: 'no checkpoint is whole: model.pt: truncated' } });
    expect(given(created(23), done(23)).when(resume(23, 31, { outputs })).thenRefused('checkpoints-damaged').message).toContain('model.pt: truncated');
    given(created(23), done(23)).when(resume(23, 31, { outputs, force: true })).then(resumed(31, { forced: true }));
  });
  it('goes on when there is a whole checkpoint to go on from, or none is recognised', () => given(created(23), done(23)).when(resume(23, 31, { outputs: found() })).then(resumed(31)));
  it('names the command with a checkpoint that would work, and the checkpoint that was asked for', () => {
    const damaged = found({ problem: { code: 'checkpoints-damaged', message: 'last.pt is damaged' }, alternatives: ['best.pt'] });
    expect(given(created(23), done(23)).when(resume(23, 31, { outputs: damaged })).thenRefused('checkpoints-damaged').fix).toBe('polyaxon experiment -xp 23 resume --from best.pt');
    given(created(23), done(23)).when(resume(23, 31, { outputs: found(), from: 'best.pt' })).then(resumed(31, { from: 'best.pt' }));
  });
  it('is refused for a checkpoint that isn\'t there, forced or not', () => {
    const outputs = found({ problem: { code: 'checkpoint-not-found', message: 'there is no checkpoint "7"' } });
    given(created(23), done(23)).when(resume(23, 31, { outputs, from: '7' })).thenRefused('checkpoint-not-found');
    given(created(23), done(23)).when(resume(23, 31, { outputs, from: '7', force: true })).thenRefused('checkpoint-not-found');
  });
  it('is refused for what is unknown, deleted or only tracked', () => {
    given().when(resume(23, 31)).thenRefused('experiment-not-found');
    given(created(23), done(23), deleted(23, true)).when(resume(23, 31)).thenRefused('experiment-not-found');
    given(created(23, { isManaged: false }), done(23)).when(resume(23, 31)).thenRefused('experiment-not-managed');
  });
});

describe('a restart', () => {
  const restartOf = (history: ExperimentEvent[], command: CloneCommand) => restart({ type: 'RestartExperiment', data: command }, evolveAll(experimentDecider, history));

  it('has outputs of its own, whatever its source is doing', () => {
    expect(restartOf([created(23)], cloneOf(23, 31))).toEqual([restarted(31)]);
    expect(restartOf([created(23), done(23)], cloneOf(23, 31))).toEqual([restarted(31)]);
  });
  it('of a resume is one of what was resumed last', () =>
    expect(restartOf([created(23), done(23), resumed(31, { codeRevision: 'b' })], cloneOf(31, 32))).toEqual([restarted(32, { sourceExperimentId: 31, codeRevision: 'b' })]));
  it('opens its stream once', () => {
    given().when({ type: 'OpenClone', data: restarted(31) }).then(restarted(31));
    given(restarted(31)).when({ type: 'OpenClone', data: restarted(31) }).thenNothing();
  });
  it('of what is unknown is refused', () => expect(() => restartOf([], cloneOf(23, 31))).toThrow(Refusal));
});

describe('a copy', () => {
  const copyOf = (history: ExperimentEvent[], change: Partial<CopyExperiment['data']> = {}, source = 23) =>
    copy({ type: 'CopyExperiment', data: { ...cloneOf(source, 31), outputs: found(), copyFolders: [], copyFiles: [], ...change } }, evolveAll(experimentDecider, history));

  it('has outputs of its own, filled from those of its source', () => expect(copyOf([created(23), done(23)])).toEqual([copyRequested(31)]));
  it('of a resume has the files of the root original', () =>
    expect(copyOf([created(23), done(23), resumed(30), done(30)], {}, 30)).toEqual([copyRequested(31, { sourceExperimentId: 30 })]));
  it('of a running source says so, for a consistent snapshot', () => {
    expect(copyOf([created(23)])).toEqual([copyRequested(31, { sourceIsLive: true })]);
    expect(copyOf([created(23), done(23), resumed(30)])).toEqual([copyRequested(31, { sourceIsLive: true })]);
  });
  it('may be of some folders and files', () =>
    expect(copyOf([created(23), done(23)], { copyFolders: ['best'], copyFiles: ['a.pt'] })).toEqual([copyRequested(31, { copyFolders: ['best'], copyFiles: ['a.pt'] })]));
  it('of nothing is refused', () => expect(() => copyOf([created(23), done(23)], { outputs: found({ files: 0 }) })).toThrow('nothing to copy'));
});

describe('a stop', () => {
  it('is asked for once', () => {
    given(created(23)).when(stop(23)).then(stopRequested(23));
    given(created(23), stopRequested(23)).when(stop(23)).thenNothing();
  });
  it('of a finished run is refused, and nothing changes', () => void given(created(23), done(23, { status: 'succeeded' })).when(stop(23)).thenRefused('experiment-already-done'));
  it('of an unknown one is refused', () => void given(created(23)).when(stop(24)).thenRefused('experiment-not-found'));
});

describe('an end', () => {
  it('opens the gate', () => given(created(23)).when(end(23)).then(done(23)));
  it('told again is nothing', () => given(created(23), done(23)).when(end(23)).thenNothing());
  it('of an earlier run told late leaves the gate shut for the live one', () => {
    given(created(23), done(23), resumed(31)).when(end(23)).thenNothing();
    given(created(23), done(23), resumed(31)).when(resume(23, 32)).thenRefused('experiment-not-done');
  });
});

describe('a report of the program', () => {
  const report = (status: string): ExperimentCommand => ({ type: 'ReportStatus', data: { experimentId: 23, status, message: null, traceback: null, reportedAt: aTime } });
  const reported = (status: string): ExperimentEvent => ({ type: 'ExperimentStatusReported', data: { experimentId: 23, status, message: null, traceback: null, reportedAt: aTime } });

  it('never ends a managed run', () => given(created(23)).when(report('succeeded')).then(reported('succeeded')));
  it('ends one that is only tracked', () =>
    given(created(23, { isManaged: false })).when(report('succeeded')).then(reported('succeeded'), done(23, { attempt: 0, status: 'succeeded', exitCode: null })));
  it('never brings a finished one back', () => given(created(23), done(23)).when(report('running')).thenNothing());
});

describe('what a program says of its checkpoint', () => {
  const data = (read: 'read' | 'started-at-zero', attempt = 1) => ({ experimentId: 23, attempt, read, how: 'it says so', reportedAt: aTime });
  const report = (...of: Parameters<typeof data>): ExperimentCommand => ({ type: 'ReportCheckpoint', data: data(...of) });
  const reported = (...of: Parameters<typeof data>): ExperimentEvent => ({ type: 'ExperimentCheckpointReported', data: data(...of) });

  it('is kept', () => given(created(23)).when(report('read')).then(reported('read')));
  it('once for each attempt', () => {
    given(created(23), reported('read')).when(report('read')).thenNothing();
    given(created(23), reported('read')).when(report('read', 2)).then(reported('read', 2));
  });
  it('counts more than the numbers it logs', () => {
    given(created(23), reported('read')).when(report('started-at-zero')).thenNothing();
    given(created(23), reported('started-at-zero')).when(report('read')).then(reported('read'));
  });
  it('changes nothing when it is done', () => given(created(23), done(23)).when(report('read')).thenNothing());
  it('of an unknown one is refused', () => void given(created(24)).when(report('read')).thenRefused('experiment-not-found'));
});

describe('a deletion', () => {
  it('takes the outputs along when nobody else uses them', () => given(created(23), done(23)).when(remove(23)).then(deleted(23, true)));
  it('of a resume leaves them to the original', () => given(created(23), done(23), resumed(31), done(31)).when(remove(31)).then(deleted(31, false)));
  it('of an original that others go on from is refused, and says who', () =>
    expect(given(created(23), done(23), resumed(31), done(31)).when(remove(23)).thenRefused('outputs-in-use').message).toContain('31'));
  it('of a source that is being copied is refused', () => void given(created(23), done(23)).when(remove(23, [40])).thenRefused('outputs-in-use'));
  it('of a live one is refused', () => void given(created(23)).when(remove(23)).thenRefused('experiment-not-done'));
  it('asked again is the same', () => given(created(23), done(23), deleted(23, true)).when(remove(23)).thenNothing());
});

describe('whatever is asked, in whatever order', () => {
  const id = fc.integer({ min: 23, max: 27 });
  const command: fc.Arbitrary<ExperimentCommand> = fc.oneof(
    fc.constant<ExperimentCommand>({ type: 'CreateExperiment', data: anOrder(23) }),
    fc.tuple(id, id, fc.boolean()).map(([source, clone, force]) => resume(source, clone, { force })),
    id.map(stop), id.map(end), id.map((one) => remove(one)),
  );
  const run = (commands: ExperimentCommand[]) => {
    const events: ExperimentEvent[] = [];
    for (const one of commands) {
      try {
        events.push(...experimentDecider.decide(one, evolveAll(experimentDecider, events)));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
    }
    return events;
  };

  it('one outputs path never has two live writers', () =>
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const live = new Set<number>();
        for (const { type, data } of run(commands)) {
          if (type === 'ExperimentCreated' || type === 'ExperimentResumeRequested') live.add(data.experimentId);
          if (type === 'ExperimentDone') live.delete(data.experimentId);
          expect(live.size).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 500 },
    ));

  it('the same command at once again changes nothing', () =>
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const twice = commands.flatMap((one) => [one, one]);
        expect(run(twice)).toEqual(run(commands));
      }),
      { numRuns: 300 },
    ));

  it('outputs are never deleted while somebody is left who uses them', () =>
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const users = new Set<number>();
        for (const event of run(commands)) {
          if (event.type === 'ExperimentCreated' || event.type === 'ExperimentResumeRequested') users.add(event.data.experimentId);
          if (event.type !== 'ExperimentDeleted') continue;
          users.delete(event.data.experimentId);
          expect(event.data.outputsUnused).toBe(users.size === 0);
        }
      }),
      { numRuns: 300 },
    ));
});

describe('a stop by the platform itself', () => {
  const stopped = (reason?: string): ExperimentEvent => ({ type: 'ExperimentStopRequested', data: { experimentId: 23, ...(reason !== undefined && { reason }), requestedBy: 'api-gateway', requestedAt: aTime } });

  it('is what users read of the end', () => given(created(23), stopped('loss has reached 0.1')).when(end(23)).then(done(23, { message: 'loss has reached 0.1' })));
  it('is not what they read when it failed before', () => {
    const failed = done(23, { status: 'failed', message: 'exit code 1' });
    given(created(23), stopped('loss has reached 0.1')).when({ type: 'EndExperiment', data: failed.data }).then(failed);
  });
});

describe('the store of the outputs', () => {
  const named = (outputs: string | null) => ({ specification: { content: order.content, params: {}, command: 'true', environment: outputs === null ? {} : { persistence: { outputs } } } });
  const [archived] = [{ outputsStore: 'archive' }];
  it('of a resume is that of its original', () =>
    given(created(23, archived), done(23)).when(resume(23, 31, named('archive'))).then(resumed(31, { ...archived, environment: { persistence: { outputs: 'archive' } } })));
  it.each([[archived, 'nfs'], [archived, null], [{}, 'archive']])('of %j is not changed to %s by a resume', (original, store) => {
    given(created(23, original), done(23)).when(resume(23, 31, named(store))).thenRefused('override-invalid');
  });
  it('of a restart is the one that its polyaxonfile names, or the default one', () => {
    const source = evolveAll(experimentDecider, [created(23, archived), done(23)]);
    const storeOf = (store: string | null) => restart({ type: 'RestartExperiment', data: cloneOf(23, 31, named(store)) }, source)[0]?.data.outputsStore;
    expect([storeOf('archive'), storeOf('nfs'), storeOf(null)]).toEqual(['archive', 'nfs', undefined]);
  });
  it('of a copy may be another one than that of its source, which is told', () => {
    const source = evolveAll(experimentDecider, [created(23, archived), done(23)]);
    const data = { ...cloneOf(23, 31, named('nfs')), outputs: found(), copyFolders: [], copyFiles: [] };
    expect(copy({ type: 'CopyExperiment', data }, source)[0]?.data).toMatchObject({ outputsStore: 'nfs', sourceOutputsStore: 'archive' });
  });
  it('goes with what is deleted there', () =>
    given(created(23, archived), done(23)).when(remove(23)).then({ type: 'ExperimentDeleted', data: { ...(deleted(23, true).data as object), ...archived } as never }));
});
