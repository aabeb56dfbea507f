// Can two experiments ever meet in one folder, or a path leave its root?
import { posix } from 'node:path';
import fc from 'fast-check';
import type { ExperimentIdentity } from '#contracts';
import { codePath, experimentPath, parseExperimentPath, runLogPath } from './index.ts';

const name = fc.stringMatching(/^[-a-zA-Z0-9_]{1,64}$/);
const id = fc.integer({ min: 1 });
const identity: fc.Arbitrary<ExperimentIdentity> = fc.record({ user: name, project: name, groupId: fc.option(id), experimentId: id });

describe('the layout', () => {
  it('is the one of the documentation', () => {
    expect(experimentPath({ user: 'mona', project: 'mnist', groupId: null, experimentId: 23 })).toBe('mona/mnist/experiments/23');
    expect(experimentPath({ user: 'mona', project: 'mnist', groupId: 7, experimentId: 23 })).toBe('mona/mnist/groups/7/23');
    expect(runLogPath('mona/mnist/experiments/23')).toBe('mona/mnist/experiments/23/run.log');
  });

  it('reads back what it wrote', () => fc.assert(fc.property(identity, (one) => expect(parseExperimentPath(experimentPath(one))).toEqual(one))));

  it('gives no two identities one path, and none inside another', () =>
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const [a, b] = [experimentPath(one), experimentPath(other)];
        if (a === b) expect(one).toEqual(other);
        else expect(`${a}/`.startsWith(`${b}/`)).toBe(false);
      }),
    ));

  it('never leaves the root, whatever the names', () =>
    fc.assert(
      fc.property(fc.string(), fc.string(), (user, project) => {
        let path: string;
        try {
          path = experimentPath({ user, project, groupId: null, experimentId: 1 });
        } catch (error) {
          expect(error).toMatchObject({ name: 'Refusal', code: 'name-invalid' });
          return;
        }
        expect(posix.normalize(path)).toBe(path);
        expect(path.startsWith('..') || path.startsWith('/')).toBe(false);
      }),
    ));

  it('knows nobody by a crooked path', () => {
    for (const path of ['', 'a/b', 'a/b/experiments/0', 'a/b/experiments/01', 'a/b/experiments/1/', '/a/b/experiments/1', 'a/../experiments/1', 'a/b/groups/1', 'a/b/groups/x/1'])
      expect(parseExperimentPath(path)).toBeNull();
  });

  it('keeps code by its digest only', () => {
    expect(codePath('mona', 'mnist', 'ab'.repeat(32))).toBe(`mona/mnist/${'ab'.repeat(32)}.tar.gz`);
    expect(() => codePath('mona', 'mnist', '../../etc')).toThrow('64 hexadecimal');
  });
});
