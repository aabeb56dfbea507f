// Can a name look like another one?
import { visible } from './visible.ts';

it.each([['plain ü 名前 🙂\n\tx', 'plain ü 名前 🙂\n\tx'], ['abc\u202efdp.exe', 'abc⟨202e⟩fdp.exe'], ['a\u200bb', 'a⟨200b⟩b'], ['\u001b[31mred', '⟨001b⟩[31mred']])('%j', (text, shown) =>
  expect(visible(text)).toBe(shown));
