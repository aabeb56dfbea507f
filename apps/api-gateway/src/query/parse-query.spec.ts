// Is a search read as it was meant, and does one that can't be read say where and why?
import fc from 'fast-check';
import { Refusal } from '#decider';
import { searchableExperiments } from './experiment-fields.ts';
import { countStatement, pageStatement } from './listing.ts';
import { parseQuery, type Condition, type Term } from './parse-query.ts';
import { parseSort } from './parse-sort.ts';
import { segmentsOf, type Search } from './rows-of.ts';
import { spanOf } from './times.ts';

/** As a reader would write it back. */
function written(conditions: readonly Condition[]): string {
  const operand = ({ text, quoted }: { text: string; quoted: boolean }) => (quoted ? JSON.stringify(text) : text);
  const term = (one: Term) =>
    one.kind === 'is' ? operand(one.operand) : one.kind === 'compare' ? `${one.comparison}${operand(one.operand)}` : `${one.from ? operand(one.from) : ''}..${one.to ? operand(one.to) : ''}`;
  return conditions.map(({ field, negated, terms }) => `${negated ? '~' : ''}${field}:${terms.map(term).join('|')}`).join(',');
}
const withoutPlaces = (conditions: readonly Condition[]) => JSON.parse(JSON.stringify(conditions, (key, value: unknown) => (key === 'at' ? undefined : value))) as unknown;

describe('a search', () => {
  it.each([
    ['status: running|failed, metrics.loss: <=0.1', 'status:running|failed,metrics.loss:<=0.1'],
    ['  status :running | failed ,, metrics.loss:<= 0.1 , ', 'status:running|failed,metrics.loss:<=0.1'],
    ['~name: %foo%', '~name:%foo%'],
    ['name: ~%foo%', '~name:%foo%'],
    ['~name: ~foo', 'name:foo'],
    ['created_at: 2018-10-01 .. 2019-10-01', 'created_at:2018-10-01..2019-10-01'],
    ['created_at: 2018-10-01 10:00:05 ..', 'created_at:2018-10-01 10:00:05..'],
    ['metrics.loss: ..0.5|>3', 'metrics.loss:..0.5|>3'],
    ['params.lr: =0.1', 'params.lr:0.1'],
    ['params.lr: -.5 .. .5', 'params.lr:-.5...5'],
    ['name: "a, b|c .. d"', 'name:"a, b|c .. d"'],
    ['name: two words', 'name:two words'],
    ['', ''],
  ])('%s', (query, same) => expect(written(parseQuery(query))).toBe(same));

  it.each([
    ['status', 1, '"status" is not a condition'],
    ['id: 3, status', 8, '"status" is not a condition'],
    [': 3', 1, 'starts with the name of a field'],
    ['status:', 8, 'a value is missing'],
    ['id: 1, status: running|', 24, 'a value is missing'],
    ['id: <', 6, 'a value is missing'],
    ['name: "open', 7, 'never closed'],
    ['name: "a" b', 11, '"b" follows a value'],
    ['id: 1..2..3', 9, 'follows a value'],
  ])('%s is refused at character %i', (query, place, why) => {
    expect(() => parseQuery(query)).toThrow(expect.objectContaining({ code: 'request-invalid', message: expect.stringContaining(`at character ${place}:`) as string }) as Error);
    expect(() => parseQuery(query)).toThrow(why);
  });

  const word = fc.stringMatching(/^[a-z0-9_%-]{1,8}( [a-z0-9]{1,3})?$/);
  const operand = fc.oneof(word.map((text) => ({ text, at: 0, quoted: false })), fc.string({ maxLength: 12 }).map((text) => ({ text, at: 0, quoted: true })));
  const term: fc.Arbitrary<Term> = fc.oneof(
    operand.map((one) => ({ kind: 'is' as const, operand: one })),
    fc.tuple(fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const), operand).map(([comparison, one]) => ({ kind: 'compare' as const, comparison, operand: one })),
    fc.tuple(fc.option(operand), operand).map(([from, to]) => ({ kind: 'range' as const, from, to })),
  );
  const condition = fc.record({ field: fc.stringMatching(/^[a-z_]{1,8}(\.[a-z/_-]{1,8})?$/), at: fc.constant(0), negated: fc.boolean(), terms: fc.array(term, { minLength: 1, maxLength: 3 }) });

  it('reads what it writes, whatever it says', () => {
    fc.assert(fc.property(fc.array(condition, { maxLength: 4 }), (conditions) => expect(withoutPlaces(parseQuery(written(conditions)))).toEqual(withoutPlaces(conditions))));
  });

  it('is read or refused, never anything else, and quickly', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => refusedOr(() => parseQuery(text))));
    refusedOr(() => parseQuery(`name: ${'"\\'.repeat(1000)}`));
    refusedOr(() => parseQuery(`name: ${'..'.repeat(1000)}`));
    refusedOr(() => parseQuery(' '.repeat(2000)));
  });

  it('never has anything a user wrote in the text of a statement', () => {
    const column = fc.constantFrom('id', 'name', 'status', 'commit', 'tags', 'created_at', 'independent', 'metrics.x9y', 'params.x9y', 'params.x9y; --', 'description', 'group', 'build');
    const value = fc.constantFrom('x9y', '%x9y%', "x9y'", '<7770', '7770..7771', '2018-10-01', '>=2018-10-01', 'nil', 'true', '"x9y"', 'nan|7770', '-inf');
    const sort = fc.constantFrom('', 'name', '-metrics.x9y', 'params.x9y, -id', 'status, metrics.x9y');
    const query = fc.array(fc.tuple(fc.boolean(), column, value).map(([negated, field, wanted]) => `${negated ? '~' : ''}${field}: ${wanted}`), { maxLength: 4 });
    fc.assert(
      fc.property(query, sort, (conditions, keys) =>
        refusedOr(() => {
          const search: Search = { searchable: searchableExperiments, projectId: 7770, conditions: parseQuery(conditions.join(', ')), keys: parseSort(keys) };
          const page = { limit: 7770, skip: 7770, from: null, backwards: false };
          const texts = segmentsOf(search).flatMap((segment) => [pageStatement(search, segment, page), countStatement(search, segment)]);
          for (const { text, values } of texts) {
            expect(text).not.toMatch(/x9y|777|2018|--/);
            expect(text.match(/\$\d+/g)?.every((place) => Number(place.slice(1)) <= values.length)).toBe(true);
          }
        }),
      ),
    );
  });
});

it.each([
  ['-metric.loss, started_at', ['-metric.loss', 'started_at']],
  [' + name ,, - id', ['name', '-id']],
  ['', []],
])('a sort by %j', (sort, keys) => expect(parseSort(sort).map(({ field, descending }) => `${descending ? '-' : ''}${field}`)).toEqual(keys));

it('a sort names where it goes wrong', () => {
  expect(() => parseSort('name, -')).toThrow('at character 7: a field is missing');
  expect(() => parseSort('a,b,c,d,e,f')).toThrow('at most 5 fields');
});

it.each([
  ['2026-11-22', '2026-11-22T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
  ['2026-1-2', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z'],
  ['2026-11-22 10:30', '2026-11-22T10:30:00.000Z', '2026-11-22T10:31:00.000Z'],
  ['2026-11-22T10:30:05+0200', '2026-11-22T08:30:05.000Z', '2026-11-22T08:30:06.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
])('%s is all of it', (text, start, end) => expect(spanOf(text)).toEqual({ start, end }));

it.each(['yesterday', '2026-13-01', '2026-02-29', '2026-11-22 25:00', '22.11.2026', '2026'])('%s is no date', (text) => expect(spanOf(text)).toBeNull());

/** Anything but a refusal would be a fault of ours. */
function refusedOr(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
