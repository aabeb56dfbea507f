// Is a body read as JSON, and as Python writes it?
import fc from 'fast-check';
import { readJson, asTexts } from './json-body.ts';

describe('a body', () => {
  it('may be any JSON, a bare string too, or nothing', () => {
    expect(readJson('"a line\\n"')).toBe('a line\n');
    expect(readJson('')).toBeUndefined();
    expect(readJson(' \n')).toBeUndefined();
    const harmless = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));
    fc.assert(fc.property(harmless, (value) => expect(readJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)))));
  });

  it('has text where Python wrote what is no number of JSON, and only there', () => {
    expect(readJson('[NaN, -Infinity, Infinity, {"NaN": NaN, "a\\"Infinity": "-Infinity NaN"}]')).toEqual(['nan', '-inf', 'inf', { NaN: 'nan', 'a"Infinity': '-Infinity NaN' }]);
  });

  it('is refused when it is none, or means harm', () => {
    for (const text of ['{', 'nul', '[1,]', '{"a": NaNN}', '"NaN', '{"__proto__": 1}', '{"a": {"__prot\\u006f__": NaN}}']) expect(() => readJson(text)).toThrow(expect.objectContaining({ code: 'request-invalid' }));
    expect(readJson('{"a": "__proto__"}')).toEqual({ a: '__proto__' });
  });

  it('of the worst kind is read in time that grows with its length only', () => {
    const worst = `"${'\\"'.repeat(500_000)}`;
    expect(asTexts(worst)).toHaveLength(worst.length);
    expect(asTexts(`${worst}\\`)).toHaveLength(worst.length + 1);
  });
});
