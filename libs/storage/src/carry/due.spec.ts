// Is a change shown when it is whole, after what it may refer to, and not before?
import { dueOf, type Carried, type Program } from './due.ts';
import type { LocalFile } from './local-files.ts';

const settleMs = 2000;
const running: Program = { state: 'running' };
const now = 1_000_000;
const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n;

/** `renamedAgo`: its name is that much younger than its content. */
function file(path: string, { ago = 10_000, renamedAgo = undefined as number | undefined, sizeBytes = 10, inode = path } = {}): LocalFile {
  const modified = ns(now - ago);
  const changed = renamedAgo === undefined ? modified : ns(now - renamedAgo);
  return { path, sizeBytes, inode, modified, changed, version: `${inode}-${sizeBytes}-${modified}-${changed}` };
}

const carriedOf = (...files: LocalFile[]): Carried => new Map(files.map(({ path, version, inode, sizeBytes }) => [path, { version, inode, sizeBytes, carriedAt: now - 60_000 }]));

function due(files: readonly LocalFile[], { carried = carriedOf(), missing = [] as string[], program = running, held = [] as string[] } = {}) {
  const { additions, deletions, waiting } = dueOf({ lookedAt: ns(now), files, links: [] }, carried, new Set(missing), program, { settleMs, held: new Set(held) });
  return { additions: additions.map(({ path }) => path), deletions, waiting: waiting.map(({ path }) => path) };
}

describe('what is due', () => {
  it('is what has held still, in the order in which it came to be', () => {
    expect(due([file('b', { ago: 5000 }), file('a', { ago: 4000 }), file('c', { ago: 6000 })])).toEqual({ additions: ['c', 'b', 'a'], deletions: [], waiting: [] });
  });

  it('is not what was written a moment ago', () => expect(due([file('a', { ago: 1000 })])).toEqual({ additions: [], deletions: [], waiting: ['a'] }));

  it('is what was renamed a moment ago', () => expect(due([file('a', { ago: 500, renamedAgo: 400 })]).additions).toEqual(['a']));

  it('is not what has changed while it was looked at', () => expect(due([file('a', { ago: 500, renamedAgo: 5 })]).waiting).toEqual(['a']));

  it('is not an empty file whose rights were set', () => expect(due([file('a', { ago: 500, renamedAgo: 400, sizeBytes: 0 })]).waiting).toEqual(['a']));

  it('is nothing that is as it was', () => expect(due([file('a')], { carried: carriedOf(file('a')) })).toEqual({ additions: [], deletions: [], waiting: [] }));

  it('is what was written a moment ago and kept its bytes since, but nothing after one that did not', () => {
    const files = [file('model-6', { ago: 1500 }), file('model-7', { ago: 1000 }), file('checkpoint', { ago: 900 })];
    expect(due(files, { held: ['model-6', 'checkpoint'] })).toEqual({ additions: ['model-6'], deletions: [], waiting: ['model-7', 'checkpoint'] });
  });

  it('a pointer waits for the checkpoint that was begun before it', () => {
    const checkpoint = file('model-7', { ago: 1500 });
    expect(due([file('model-6', { ago: 9000 }), checkpoint, file('checkpoint', { ago: 1400, renamedAgo: 1300 })])).toEqual({ additions: ['model-6'], deletions: [], waiting: ['model-7', 'checkpoint'] });
  });

  it('of two that changed in one moment the larger one goes first', () => {
    expect(due([file('checkpoint', { sizeBytes: 10 }), file('model-7', { sizeBytes: 1000 })]).additions).toEqual(['model-7', 'checkpoint']);
  });

  it('what is gone goes once it was missed twice', () => {
    const carried = carriedOf(file('old'));
    expect(due([], { carried }).deletions).toEqual([]);
    expect(due([], { carried, missing: ['old'] }).deletions).toEqual(['old']);
    expect(due([], { carried, program: { state: 'ended' } }).deletions).toEqual(['old']);
  });

  it('nothing goes while anything waits', () => {
    const seen = due([file('model-7', { ago: 100 })], { carried: carriedOf(file('model-6')), missing: ['model-6'] });
    expect(seen).toEqual({ additions: [], deletions: [], waiting: ['model-7'] });
  });

  it('an empty folder that has got files stays', () => {
    const carried: Carried = new Map([['logs/', { version: 'folder', inode: '', sizeBytes: 0, carriedAt: 0 }]]);
    expect(due([file('logs/a')], { carried, missing: ['logs/'] })).toEqual({ additions: ['logs/a'], deletions: [], waiting: [] });
  });

  it('what is only appended to goes without a pause, and holds nothing up', () => {
    const events = file('events.out.tfevents.1', { ago: 10, sizeBytes: 500, inode: '7' });
    const before = carriedOf(file('events.out.tfevents.1', { ago: 70_000, sizeBytes: 400, inode: '7' }), file('old'));
    expect(due([events], { carried: before, missing: ['old'] })).toEqual({ additions: ['events.out.tfevents.1'], deletions: ['old'], waiting: [] });
  });

  it('one that was written anew under such a name has to hold still', () => {
    const shorter = file('train.log', { ago: 10, sizeBytes: 3, inode: '7' });
    expect(due([shorter], { carried: carriedOf(file('train.log', { sizeBytes: 400, inode: '7' })) }).waiting).toEqual(['train.log']);
  });

  it('all that a program left when it ended is whole', () => {
    expect(due([file('model', { ago: 1 })], { program: { state: 'ended' }, carried: carriedOf(file('old')) })).toEqual({ additions: ['model'], deletions: ['old'], waiting: [] });
  });

  it.each([
    ['at a known moment', { state: 'broken', diedAt: ns(now - 60_000) } as const],
    ['at a moment nobody knows', { state: 'broken', diedAt: null } as const],
  ])('what a program wrote when it was killed %s is not', (_, program) => {
    const files = [file('half', { ago: 60_010 }), file('whole', { ago: 70_000 }), file('renamed', { ago: 60_100, renamedAgo: 60_050 })];
    expect(due(files, { program, carried: carriedOf(file('old')) })).toEqual({ additions: ['whole', 'renamed'], deletions: [], waiting: ['half'] });
  });
});
