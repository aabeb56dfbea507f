// Does the text of a Python value become the same value in JSON?
import fc from 'fast-check';
import { NotALiteral, parsePythonLiteral } from './python-literal.ts';
import { pythonLiteral } from './python-text.ts';
import type { Json } from './json.ts';

const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => (Object.is(value, -0) ? 0 : value))
  .filter((value) => Number.isSafeInteger(value) || !Number.isInteger(value));
const key = fc.string({ unit: 'binary', maxLength: 10 }).filter((text) => text !== '__proto__');
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(number, fc.string({ unit: 'binary', maxLength: 20 }), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe('a Python literal', () => {
  it.each<[string, Json]>([
    ['True', true],
    ['None', null],
    ['-1', -1],
    ['1e-05', 0.00001],
    ['1_000', 1000],
    ['inf', 'inf'],
    ['-inf', '-inf'],
    ['nan', 'nan'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    [`'a\\n\\t\\\\\\'"\\x41\\u00e9\\U0001f600'`, 'a\n\t\\\'"A\u00e9\u{1f600}'],
    [`"it's"`, "it's"],
    [`b'hi \\xc3\\xa9'`, 'hi é'],
    [`{'x', 'y'}`, ['x', 'y']],
    ['set()', []],
    ['{}', {}],
    ['(1, 2)', [1, 2]],
    ['(1,)', [1]],
    ['(1)', 1],
    ['{1: "a", None: 2, True: 3, 1.5: 4}', { 1: 'a', None: 2, True: 3, 1.5: 4 }],
    ['{"a": [1, 2,],}', { a: [1, 2] }],
    ['datetime.date(2019, 1, 2)', '2019-01-02'],
    ['datetime.datetime(2019, 1, 1, 10, 0)', '2019-01-01 10:00:00'],
    ['datetime.datetime(2019, 1, 1, 10, 0, 5, 120, tzinfo=datetime.timezone.utc)', '2019-01-01 10:00:05.000120+00:00'],
    ['datetime.datetime(2019, 1, 1, 10, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=82800)))', '2019-01-01 10:00:00-01:00'],
  ])('%s', (text, value) => expect(parsePythonLiteral(text)).toEqual(value));

  it.each([
    '', 'true', 'null', '007', '1x', '1j', '1 2', "'open", "'\\q'", "'\n'", '[1', '[1 2]', '{1: 2, 3}', '{[]: 1}', "{'__proto__': 1}",
    'os.system("x")', 'datetime.now()', '['.repeat(40),
  ])('is not: %j', (text) => expect(() => parsePythonLiteral(text)).toThrow(NotALiteral));

  it('reads back what repr() wrote', () => {
    fc.assert(fc.property(json, (value) => expect(parsePythonLiteral(pythonLiteral(value))).toEqual(value)), { numRuns: 500 });
  });

  it('reads any text or says that it is no literal', () => {
    const signs = fc.constantFrom('{', '}', '[', ']', '(', ')', ',', ':', "'", '"', '\\', 'b', '-', '1', '.', 'e', 'True', 'datetime.date', ' ', '\n', '=');
    fc.assert(fc.property(fc.array(signs, { maxLength: 40 }), (all) => {
      try {
        parsePythonLiteral(all.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(NotALiteral);
      }
    }), { numRuns: 1000 });
  });
});
