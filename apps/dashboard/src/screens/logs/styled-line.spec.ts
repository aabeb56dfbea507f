// Do colours stay readable, progress bars short, and everything else text?
import { styledLine } from './styled-line.ts';

it('colours and weights are names', () =>
  expect(styledLine('\u001b[1;32mINFO\u001b[0m step \u001b[91m1\u001b[0m').parts).toEqual([
    { text: 'INFO', style: 'ansi-green ansi-bold' }, { text: ' step ', style: '' }, { text: '1', style: 'ansi-red' },
  ]));
it('a progress bar is its last state', () => expect(styledLine('10%\r20%\r100%')).toEqual({ parts: [{ text: '100%', style: '' }], folded: 2 }));
it('the end of a line from elsewhere is none', () => expect(styledLine('a\r')).toEqual({ parts: [{ text: 'a', style: '' }], folded: 0 }));
it.each(['<img src=x onerror=alert(1)>', '&lt;', '\u001b[31m<script>\u001b[0m'])('%j stays text', (line) =>
  expect(styledLine(line).parts.map(({ text }) => text).join('')).toBe(line.replaceAll(/\u001b\[\d+m/g, '')));
it('what turns text around is seen', () => expect(styledLine('a\u202eb').parts[0]?.text).toBe('a⟨202e⟩b'));
it('a line of megabytes is cut', () => expect(styledLine('x'.repeat(30_000)).parts[0]?.text).toMatch(/x … 10000 more characters/));
