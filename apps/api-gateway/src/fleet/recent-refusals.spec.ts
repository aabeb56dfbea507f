// Is it counted what was refused lately, and nothing older?
import { RecentRefusals } from './recent-refusals.ts';

const began = Date.parse('2026-11-24T10:00:00.000Z');
let nowMs = began;
const refusals = new RecentRefusals(() => new Date(nowMs));
const refuse = (code: string, minute: number) => {
  nowMs = began + minute * 60_000;
  refusals.keep({ code, detail: `${code} at ${minute}`, fix: null, by: 'mona', method: 'POST', url: '/' });
};

it('by code, the most frequent first, with the latest words', () => {
  for (const [code, minute] of [['a', 1], ['b', 2], ['b', 3]] as const) refuse(code, minute);
  expect(refusals.byCode()).toEqual({
    since: '2026-11-24T10:00:00.000Z',
    by_code: [
      { code: 'b', count: 2, last_at: '2026-11-24T10:03:00.000Z', last_detail: 'b at 3' },
      { code: 'a', count: 1, last_at: '2026-11-24T10:01:00.000Z', last_detail: 'a at 1' },
    ],
  });
});

it('after an hour nobody remembers', () => {
  refuse('c', 62.5);
  const { since, by_code: byCode } = refusals.byCode();
  expect([since, byCode.map(({ code, count }) => [code, count]).sort()]).toEqual(['2026-11-24T10:02:30.000Z', [['b', 1], ['c', 1]]]);
});
