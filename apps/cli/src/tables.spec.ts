// Can a person read rows, sizes, times, plans and trees?
import picocolors from 'picocolors';
import type { ClonePlan, LineageBody } from '#contracts';
import { lineageText } from './commands/experiment-show.ts';
import { exitCodeOf, exitCodes } from './failure.ts';
import { planText } from './plan.ts';
import { bytesText } from './progress.ts';
import { ago, measured, pairs, properties, table } from './tables.ts';

const paint = picocolors.createColors(false);

describe('what a person reads', () => {
  it('aligns rows, and hides wide columns until asked', async () => {
    const columns = [
      { title: 'ID', value: (row: number) => row },
      { title: 'SQUARE', value: (row: number) => row * row, wide: true },
      { title: 'NONE', value: () => null },
    ];
    expect(await table([1, 1000], columns, { paint, wide: false })).toBe('ID    NONE\n1\n1000');
    expect(await table([1, 1000], columns, { paint, wide: true })).toBe('ID    SQUARE   NONE\n1     1\n1000  1000000');
  });
  it('leaves out properties without a value', async () => expect(await properties({ id: 1, name: null, code: '' }, paint)).toBe('id  1'));
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [157286400, '150.0 MiB'],
  ])('%d bytes', (bytes, text) => expect(bytesText(bytes)).toBe(text));
  it.each([
    [0, '0s ago'],
    [59, '59s ago'],
    [60, '1m ago'],
    [7200, '2h ago'],
    [200_000, '2d ago'],
  ])('%d seconds', (seconds, text) => expect(ago(new Date(1e12).toISOString(), 1e12 + seconds * 1000)).toBe(text));
  it('rounds what was measured', () =>
    expect(measured({ loss: 0.0626839895843993, step: 1234567, none: null })).toEqual({ loss: 0.062684, step: 1234567, none: null }));
  it('writes pairs', () => expect(pairs({ lr: 0.5, name: 'sgd', layers: [1] })).toBe('lr=0.5 name=sgd layers=[1]'));
});

describe('a plan', () => {
  const plan: ClonePlan = {
    cloning_strategy: 'copy',
    source_id: 23,
    outputs_owner_id: null,
    outputs_path: 'mona/mnist/experiments/new',
    differences: [
      { path: 'params.lr', change: 'changed', before: 0.1, after: 0.5 },
      { path: 'params.new', change: 'added', after: 1 },
      { path: 'params.old', change: 'removed', before: 2 },
    ],
    command: { before: 'train --lr 0.1', after: 'train --lr 0.5' },
    code_revision: { before: 'a'.repeat(64), after: 'b'.repeat(64) },
    checkpoint: { path: 'model.pt', framework: 'pytorch', step: 4, sizeBytes: 2048, modifiedAt: '2026-01-01T00:00:00Z', complete: true, problem: null },
    set_aside: [{ path: 'model-5.pt', framework: 'pytorch', step: 5, sizeBytes: 1024, modifiedAt: '2026-01-01T00:01:00Z', complete: false, problem: 'it is cut off' }],
    copy: { files: 3, bytes: 1024 },
    refusal: null,
    token: 'p1.a',
    valid_until: '2026-01-01T01:00:00Z',
  };

  it('shows what changes, line by line', () => {
    const lines = planText(plan, paint, null).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '  - train --lr 0.1',
        '  + train --lr 0.5',
        '  - params.lr: 0.1',
        '  + params.lr: 0.5',
        '  + params.new: 1',
        '  - params.old: 2',
      ]),
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        'code       aaaaaaaaaaaa -> bbbbbbbbbbbb',
        'checkpoint model.pt (pytorch, step 4, 2.0 KiB) complete',
        'set aside  model-5.pt (step 5): it is cut off',
        'copy       3 files, 1.0 KiB',
        'accepted   it would start',
      ]),
    );
  });
  it('describes the code that would be uploaded', () =>
    expect(planText(plan, paint, { files: 2, sizeBytes: 10 })).toContain('-> the working directory (2 files, 10 B)'));
  it('says why it would be refused, and what would work', () => {
    const cause = { event_id: 'e', experiment_id: 31, type: 'ExperimentResumeRequested', actor: 'mona', time: '2026-01-01T00:00:00Z' };
    const refused = planText(
      { ...plan, refusal: { code: 'experiment-not-done', detail: '23 is running', fix: 'polyaxon experiment -xp 23 stop', cause } },
      paint,
      null,
    );
    expect(refused).toContain('refused    23 is running\n  since ExperimentResumeRequested of 31 by mona, 2026-01-01T00:00:00Z\n  fix: polyaxon experiment -xp 23 stop');
  });
});

describe('a lineage', () => {
  const node = (id: number, source: number | null, strategy: 'resume' | 'copy' | null, deleted = false): LineageBody['nodes'][number] => ({
    id,
    name: null,
    last_status: 'stopped',
    source_id: source,
    cloning_strategy: strategy,
    outputs_path: `o/${id}`,
    deleted,
  });
  it('is a tree', () => {
    const nodes = [node(23, null, null), node(24, 23, 'resume'), node(26, 24, 'copy'), node(25, 23, 'copy', true)];
    expect(lineageText({ experiment_id: 24, nodes }, paint)).toBe(
      '23 stopped o/23\n├─ resume 24 * stopped o/24\n│  └─ copy 26 stopped o/26\n└─ copy 25 deleted o/25',
    );
  });
  it('starts at a clone whose source is not known any more', () =>
    expect(lineageText({ experiment_id: 24, nodes: [node(24, 23, 'resume')] }, paint)).toBe('resume 24 * stopped o/24'));
});

describe('exit codes', () => {
  it.each([
    [404, 'experiment-not-found', exitCodes.notFound],
    [409, 'experiment-not-done', exitCodes.refused],
    [409, 'experiment-name-taken', exitCodes.conflict],
    [401, 'not-authenticated', exitCodes.notAuthenticated],
    [403, 'not-allowed', exitCodes.notAuthenticated],
    [400, 'override-invalid', exitCodes.refused],
    [413, 'upload-too-large', exitCodes.refused],
    [500, 'internal-error', exitCodes.failure],
  ] as const)('%d %s', (status, code, exit) => expect(exitCodeOf({ status, code })).toBe(exit));
});
