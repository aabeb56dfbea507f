// Does a comparison lead with what differs, and leave nothing blank?
import type { AttemptSeries, ExperimentBody, RunsSeriesBody } from '#contracts';
import { overlayOf, overOf, pointsFor } from './overlay.ts';
import { extremesOf, idsIn, parted, rowsOf } from './rows.ts';

const run = (id: number, more: Partial<ExperimentBody>): ExperimentBody =>
  ({
    id,
    name: null,
    project: 'mona.mnist',
    user: 'mona',
    params: {},
    last_metric: {},
    content: '',
    command: 'train',
    last_status: 'succeeded',
    last_status_message: null,
    started_at: null,
    finished_at: null,
    code_revision: null,
    source_id: null,
    cloning_strategy: null,
    outputs_path: 'a',
    tags: [],
    framework: null,
    ...more,
  }) as ExperimentBody;
const curve = (id: number, rows: readonly (readonly [number, number | 'nan'])[], stepName: string | null = 'step'): RunsSeriesBody[number] => ({
  experiment_id: id,
  series: {
    outputs_owner_id: id,
    step_name: stepName,
    names: ['loss'],
    lost: [],
    lost_steps: 0,
    lost_seconds: 0,
    lost_gpu_seconds: 0,
    attempts: [
      {
        experiment_id: id,
        attempt: 1,
        started_at: '2026-01-01T00:00:00.000Z',
        ended_at: null,
        kept_until: 3,
        metrics: { loss: { steps: rows.map(([step]) => step), times: rows.map(([step]) => step * 1000), values: rows.map(([, value]) => value) } },
      } as unknown as AttemptSeries,
    ],
  },
});
const curves = [curve(1, [[1, 5], [2, 0.5], [3, 'nan'], [4, 0.1]]), curve(2, [[1, 3]])];
const texts = (runs: readonly ExperimentBody[], which: 'different' | 'same', given: RunsSeriesBody = []) => parted(rowsOf(runs, extremesOf(given), 0))[which].map(({ section, key, cells }) => [section, key, ...cells]);

it('what differs, of params, metrics, the run and its polyaxonfile; what is missing is not set', () =>
  expect(
    texts(
      [
        run(1, { params: { lr: 0.1, depth: 2 }, last_metric: { loss: 0.5 }, content: '{"params": {"lr": 9}, "environment": {"resources": {"cpu": {"limits": 2}}}, "run": {"cmd": ["a"]}}' }),
        run(2, { params: { lr: 0.2, depth: 2 }, content: '{"run": {"cmd": ["b"]}}', tags: ['x', 'y'] }),
      ],
      'different', curves,
    ),
  ).toEqual([
    ['Params', 'lr', '0.1', '0.2'], ['Metrics', 'loss, last', '0.5', null], ['Metrics', 'loss, lowest', '0.5 at 2', '3 at 1'], ['Metrics', 'loss, highest', '5 at 1', '3 at 1'], ['Run', 'tags', null, 'x, y'],
    ['Polyaxonfile', 'environment.resources.cpu.limits', '2', null], ['Polyaxonfile', 'run.cmd', '["a"]', '["b"]'],
  ]));
it('what is the same is there as well', () => expect(texts([run(1, { params: { a: null } }), run(2, { params: { a: null } })], 'same')).toContainEqual(['Params', 'a', 'null', 'null']));
it('a polyaxonfile that nobody can read is none', () => expect(texts([run(1, { content: 'version: 1' }), run(2, {})], 'different')).toEqual([]));
it.each([['23,31', [23, 31]], ['31, 23,31', [31, 23]], ['0,-1,x,', []], [null, []]])('%j are the runs %j', (text, ids) => expect(idsIn(text)).toEqual(ids));
it('curves lie over each other, without what was done again', () => {
  expect(overlayOf(curves, 'loss', 'step')).toEqual({ lines: [{ label: '#1', ink: 0, points: [{ x: 1, y: 5 }, { x: 2, y: 0.5 }] }, { label: '#2', ink: 1, points: [{ x: 1, y: 3 }] }], marks: [{ x: 3, value: 'nan' }] });
  expect(overlayOf(curves, 'other', 'step').lines).toEqual([]);
  expect([overOf([run(1, { last_metric: { epoch: 1 } })]), overOf([run(1, { last_metric: { epoch: 1 } }), run(2, { last_metric: { loss: 1 } })]), overOf([])]).toEqual(['step', 'work', 'work']);
});
it.each([[2, 1280, false, 1300], [50, 1280, false, 400], [50, 320, false, 200], [2, 5000, false, 2000], [50, 1280, true, 2000]])('of %i runs on %i px, zoomed: %j, there are %i points', (runs, width, isZoomed, points) =>
  expect(pointsFor(runs, width, isZoomed)).toBe(points));
