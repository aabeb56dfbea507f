// What counts as different between two experiments?
import type { ExperimentBody } from '#contracts';
import { compareCode } from './compare-code.ts';
import { compare, isSame } from './compare.ts';

const body = (change: Partial<ExperimentBody>) =>
  ({ id: 23, unique_name: 'mona.mnist.23', name: null, last_status: 'succeeded', content: '', command: 'true', params: {}, last_metric: {}, ...change }) as ExperimentBody;
const files = { files: [], added: 0, removed: 0, changed: 0, unknown: 0, same: 3 };
const nothing = { code: { before: null, after: null, files: null }, outputs: { before: 'a', after: 'b', files } };

describe('a comparison', () => {
  it('finds nothing between equals', () => {
    const compared = compare(body({}), body({ id: 31, last_status: 'failed' }));
    expect(compared).toMatchObject({ specification: [], params: [], metrics: [], before: { id: 23 }, after: { id: 31, last_status: 'failed' } });
    expect(isSame({ ...compared, ...nothing })).toBe(true);
  });

  it('names keys, params as they were given to the program, and metrics with their difference', () => {
    const before = body({ content: '{"params": {"lr": 0.1}, "environment": {"labels": {"a": 1}}, "run": {"cmd": "x"}}', params: { lr: 0.1, net: { depth: 2 } }, last_metric: { loss: 0.5, old: 1, same: 2, none: null } });
    const after = body({ content: '{"declarations": {"lr": 0.2}, "run": {"cmd": "y"}}', params: { lr: 0.2, net: { depth: 2 }, more: true }, last_metric: { loss: 0.25, same: 2, none: null, nan: null } });
    expect(compare(before, after)).toMatchObject({
      specification: [{ path: 'environment', change: 'removed' }, { path: 'run.cmd', change: 'changed', before: 'x', after: 'y' }],
      params: [{ path: 'lr', change: 'changed', before: 0.1, after: 0.2 }, { path: 'more', change: 'added', after: true }],
      metrics: [{ name: 'loss', before: 0.5, after: 0.25, difference: -0.25 }, { name: 'nan', before: null, after: null, difference: null }, { name: 'old', before: 1, after: null, difference: null }],
    });
  });

  it.each([
    ['the command', { ...compare(body({}), body({ command: 'false' })), ...nothing }],
    ['a revision whose files are gone', { ...compare(body({}), body({})), ...nothing, code: { before: 'a', after: 'b', files: null } }],
    ['one file', { ...compare(body({}), body({})), ...nothing, outputs: { before: 'a', after: 'b', files: { ...files, files: [{ path: 'x', change: 'unknown' as const, before_bytes: 1, after_bytes: 1 }] } } }],
  ])('is not the same with another %s', (_, compared) => expect(isSame(compared)).toBe(false));

  it('tells files of code by their content and executable bit', () => {
    const file = (line: string, sizeBytes = 1) => ({ line, sizeBytes });
    expect(compareCode(new Map([['a', file('a')], ['b', file('b', 2)], ['c', file('c')]]), new Map([['a', file('a')], ['b', file('b!', 3)], ['d', file('d')]]))).toEqual({
      files: [
        { path: 'b', change: 'changed', before_bytes: 2, after_bytes: 3 }, { path: 'c', change: 'removed', before_bytes: 1, after_bytes: null }, { path: 'd', change: 'added', before_bytes: null, after_bytes: 1 },
      ],
      added: 1, removed: 1, changed: 1, unknown: 0, same: 1,
    });
  });
});
