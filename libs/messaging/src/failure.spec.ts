// Are the three kinds of failure told apart?
import { NewerEvent, UnreadableEvent } from '#contracts';
import { Refusal } from '#decider';
import { VersionConflict } from '#event-store';
import { backOff, kindOf, maxTries } from './index.ts';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('a failed reaction', () => {
  it.each(['ECONNREFUSED', '40001', '40P01', '57P01', '53300', '08006'])('waits for better times after %s', (code) => expect(kindOf(withCode(code))).toBe('transient'));
  it('waits when another wrote first', () => expect(kindOf(new VersionConflict('run-1'))).toBe('transient'));
  it('waits for the release that can read it', () => expect(kindOf(new NewerEvent('run-1'))).toBe('transient'));
  it.each(['Connection terminated unexpectedly', 'Query read timeout', 'timeout expired'])('waits when the connection is no use: %s', (words) => expect(kindOf(new Error(words))).toBe('transient'));
  it.each([new UnreadableEvent('x'), new Refusal('x', 'y'), new TypeError('z')])('gives up at once after %s', (error) => expect(kindOf(error)).toBe('bug'));
  it.each([new Error('disk'), withCode('23505'), withCode('ENOENT'), 'thrown text', null])('is tried again after %s', (error) => expect(kindOf(error)).toBe('permanent'));
  it('has had its tries within 5 s', () => {
    const total = Array.from({ length: maxTries }, (_, n) => backOff(n + 1, () => 1)).reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeLessThan(5000);
  });
});
