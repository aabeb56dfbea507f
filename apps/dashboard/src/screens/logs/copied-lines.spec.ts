// Is what is copied what was seen?
import { copiedText } from './copied-lines.ts';

it('text alone', () => expect(copiedText(['\u001b[31mred\u001b[0m', '10%\r20%', ''])).toBe('red\n20%\n\n'));
