// Are reported numbers read as programs report them?
import { metricRows } from './metric-rows.ts';

const now = () => new Date('2026-01-01T00:00:00Z');
const at = (createdAt: unknown) => metricRows({ values: { a: 1 }, created_at: createdAt }, now)[0]?.createdAt;

describe('a metric', () => {
  it('has the time its program says, in any way of writing it, or now', () => {
    expect(at('2026-11-22 22:15:36.132106+00:00')).toBe('2026-11-22T22:15:36.132Z');
    expect(at('2026-11-22T22:15:36')).toBe('2026-11-22T22:15:36.000Z');
    expect(at('2026-11-22T22:15:36+02:00')).toBe('2026-11-22T20:15:36.000Z');
    for (const unreadable of [undefined, null, 12, 'yesterday', 'x'.repeat(100)]) expect(at(unreadable)).toBe('2026-01-01T00:00:00.000Z');
  });

  it('is numbers by name, alone or many', () => {
    expect(metricRows([{ values: { a: 1, b: null } }, { values: {} }], now)).toHaveLength(2);
    for (const body of [undefined, 1, 'a', {}, { values: [] }, { values: null }, [{ values: { a: '1' } }], [{ values: { a: true } }], Array(6000).fill({ values: {} })])
      expect(() => metricRows(body, now)).toThrow(expect.objectContaining({ code: 'request-invalid' }));
  });

  it('that is not finite stays what it is, in whichever way it is written', () => {
    const values = { a: 'nan', b: 'inf', c: '-inf', d: 'NaN', e: '-Infinity', f: 1e999 };
    expect(metricRows({ values }, now)[0]?.values).toEqual({ a: 'nan', b: 'inf', c: '-inf', d: 'nan', e: '-inf', f: 'inf' });
  });
});
