// Is the newest whole checkpoint chosen, and is nothing set aside that nobody can do without?
import { choose } from './choose.ts';
import type { FoundCheckpoint } from './find-checkpoints.ts';
import { pointingTo } from './pointers.ts';

let second = 0;
/** Newer than those named before. */
const found = (path: string, problem: string | null = null, change: Partial<FoundCheckpoint> = {}): FoundCheckpoint => {
  second += 1;
  const step = Number(/\d+/.exec(path)?.[0] ?? NaN);
  return {
    path, framework: 'pytorch', step: Number.isNaN(step) ? null : step, sizeBytes: 1, modifiedAt: new Date(second * 1000).toISOString(), complete: problem === null, problem, compared: false,
    parts: [path], isPointer: false, ...change,
  };
};
const chosen = (all: readonly FoundCheckpoint[], from: string | null = null) => {
  const { offered, setAside, problem, alternatives } = choose([...all].reverse(), from);
  return { offered: offered?.path ?? null, setAside: setAside.map(({ path }) => path), problem: problem?.code ?? null, alternatives };
};
const nothing = { offered: null, setAside: [], problem: null, alternatives: [] };

describe('without a wish', () => {
  it('there is nothing to choose from', () => expect(chosen([])).toEqual(nothing));
  it('the newest', () => expect(chosen([found('c1.pt'), found('c2.pt')])).toEqual({ ...nothing, offered: 'c2.pt' }));
  it('the newest whole one of a series; the damaged ones are out of the way', () =>
    expect(chosen([found('c1.pt', 'cut'), found('c2.pt'), found('c3.pt', 'cut')])).toEqual({ ...nothing, offered: 'c2.pt', setAside: ['c3.pt', 'c1.pt'] }));
  it('none is whole', () => expect(chosen([found('c1.pt', 'cut'), found('c2.pt', 'cut')])).toEqual({ ...nothing, problem: 'checkpoints-damaged' }));
  it('the newest is damaged, and one of another kind may not stand in for it', () =>
    expect(chosen([found('best.pt'), found('last.pt', 'cut')])).toEqual({ offered: 'best.pt', setAside: [], problem: 'checkpoints-damaged', alternatives: ['best.pt'] }));
  it('a damaged one of another kind that isn\'t the newest stays where it is', () =>
    expect(chosen([found('optimizer.pt', 'cut'), found('c1.pt')])).toEqual({ ...nothing, offered: 'c1.pt' }));
  it('a pointer is no checkpoint, and tells why when there is nothing else', () => {
    const pointer = found('checkpoint', 'it names c3, which is not there', { isPointer: true });
    expect(chosen([found('c1.pt'), pointer])).toEqual({ ...nothing, offered: 'c1.pt' });
    expect(chosen([pointer])).toEqual({ ...nothing, problem: 'checkpoints-damaged' });
  });
});

describe('with a wish', () => {
  const all = [found('a/c1.pt'), found('a/c2.pt'), found('other.pt'), found('a/c3.pt', 'cut')];
  it.each(['a/c2.pt', './a/c2.pt', 'c2.pt', '2'])('%s: what is newer or damaged is out of the way', (from) =>
    expect(chosen(all, from)).toEqual({ ...nothing, offered: 'a/c2.pt', setAside: ['a/c3.pt', 'other.pt'] }));
  it('a damaged one can\'t be had', () => expect(chosen(all, '3')).toEqual({ ...nothing, problem: 'checkpoints-damaged', alternatives: ['other.pt', 'a/c2.pt', 'a/c1.pt'] }));
  it('one that isn\'t there neither', () => expect(chosen(all, '7')).toMatchObject({ offered: null, problem: 'checkpoint-not-found' }));
  it('of one step there may be several files', () => {
    const [model, optimizer] = [found('model-5.pt'), found('optimizer-5.pt')];
    expect(chosen([model, optimizer, found('model-6.pt')], '5')).toEqual({ ...nothing, offered: 'optimizer-5.pt', setAside: ['model-6.pt'] });
  });
  it('later by its step, although the disk says otherwise', () => {
    const later = found('d9.pt');
    expect(chosen([later, found('d8.pt')], '8')).toEqual({ ...nothing, offered: 'd8.pt', setAside: ['d9.pt'] });
  });
});

describe('the file that names the latest', () => {
  const text = [
    'model_checkpoint_path: "model.ckpt-3"', 'all_model_checkpoint_paths: "model.ckpt-1"', 'all_model_checkpoint_paths: "model.ckpt-2"', 'all_model_checkpoint_paths: "model.ckpt-3"',
    'all_model_checkpoint_timestamps: 10.5', 'all_model_checkpoint_timestamps: 20.5', 'all_model_checkpoint_timestamps: 30.5', 'last_preserved_timestamp: 1.5', '',
  ].join('\n');
  it('names one that is there, and no other that isn\'t', () =>
    expect(pointingTo(text, 'model.ckpt-2', ['model.ckpt-2', 'model.ckpt-1'])).toBe(
      [
        'model_checkpoint_path: "model.ckpt-2"', 'all_model_checkpoint_paths: "model.ckpt-1"', 'all_model_checkpoint_paths: "model.ckpt-2"', 'all_model_checkpoint_timestamps: 10.5',
        'all_model_checkpoint_timestamps: 20.5', 'last_preserved_timestamp: 1.5', '',
      ].join('\n'),
    ));
  it('that named a place of another machine names one beside it', () =>
    expect(pointingTo('model_checkpoint_path: "/tmp/run/ckpt-9"\n', 'ckpt-8', ['ckpt-8'])).toBe('model_checkpoint_path: "ckpt-8"\nall_model_checkpoint_paths: "ckpt-8"\n'));
});
