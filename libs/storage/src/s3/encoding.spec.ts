// Are keys and parameters encoded as a signature needs them?
import { encoded, queryOf } from './encoding.ts';

it('a key keeps its slashes and what needs no encoding, and nothing else', () => {
  expect(encoded('outputs/mona/x-1_2.~ckpt')).toBe('outputs/mona/x-1_2.~ckpt');
  expect(encoded("a b/ü+%2F?=&#'(!)*/模")).toBe('a%20b/%C3%BC%2B%252F%3F%3D%26%23%27%28%21%29%2A/%E6%A8%A1');
});

it('parameters are in the order of their names, those without a value, too', () => {
  expect(queryOf({ uploads: '', prefix: 'a/b c', 'key-marker': '' })).toBe('key-marker=&prefix=a%2Fb%20c&uploads=');
  expect(queryOf({})).toBe('');
});
