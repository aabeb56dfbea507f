// Are the columns those that the address asks for, and what stands in them?
import type { ExperimentBody } from '#contracts';
import { cellText, columnsIn, columnsText, nextSort, offeredColumns, sortOf, titleOf } from './columns.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const row = {
  id: 23, name: null, last_status: 'upstream_failed', last_metric: { loss: 0.1, 'a.b': 'nan' }, params: { lr: 0.2, optimizer: { name: 'adam' } }, tags: ['a', 'b'],
  source_id: 21, cloning_strategy: 'resume',
  created_at: '2026-01-01T11:58:00Z', started_at: '2026-01-01T11:59:00Z', finished_at: null, code_revision: 'f'.repeat(64), user: 'mona', last_status_message: null, framework: null,
} as unknown as ExperimentBody;

it('unless the address says otherwise they are the usual ones, which it need not say', () => expect(columnsText(columnsIn(null))).toBeNull());
it('others come back from the address as they were chosen', () => expect(columnsIn(columnsText(['status', 'metrics.a.b', 'params.lr']))).toEqual(['status', 'metrics.a.b', 'params.lr']));
it('what is no column is left out, and none is there twice', () => expect(columnsIn('status,<script>,metrics.,status, params.x')).toEqual(['status', 'params.x']));
it('none can be chosen, too', () => expect(columnsIn('')).toEqual([]));
it('metrics and params of what is shown are offered, and what is chosen stays', () =>
  expect(offeredColumns([row], ['metrics.gone']).filter((one) => one.includes('.'))).toEqual(['metrics.a.b', 'metrics.loss', 'params.lr', 'params.optimizer', 'metrics.gone']));
it.each([
  ['status', 'upstream failed'], ['name', '–'], ['from', 'resume of 21'], ['created_at', '2 min ago'], ['finished_at', '–'], ['duration', '1 min'], ['tags', 'a, b'], ['metrics.loss', '0.1'],
  ['metrics.a.b', 'NaN'], ['metrics.none', '–'], ['params.optimizer', '{"name":"adam"}'], ['commit', 'ffffffffffff'],
])('%s', (column, text) => expect(cellText(column, row, now)).toBe(text));
it('a click turns the order around, a third one forgets it', () => expect(['', '-loss', 'loss'].map((sort) => nextSort(sort, 'loss'))).toEqual(['-loss', 'loss', '']));
it('what is put together here is in no order', () => expect([sortOf('duration'), sortOf('metrics.loss'), titleOf('metrics.loss')]).toEqual([null, 'metrics.loss', 'loss']));
