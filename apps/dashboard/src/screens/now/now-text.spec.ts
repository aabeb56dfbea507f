// Does each row say what to do next?
import type { NeedBody, NowBody } from '#contracts';
import { actsAfter, actsOn, metricsText, nowTitle, savedText } from './now-text.ts';

const experiment = { id: 23, name: null, user: 'mona', project: 'mnist', last_status: 'failed' };
const at = '/app/mona/mnist/experiments/23';
const need = (kind: NeedBody['kind'], fix: string | null = null): NeedBody => ({ experiment, kind, text: '', since: '', fix });
const acts = (one: NeedBody) => actsOn(one).map(({ words, to }) => `${words} ${to}`);

it.each([
  ['failed', [`Resume … ${at}?do=resume`, `Logs ${at}/logs`]], ['stuck', [`History ${at}/history`]], ['checkpoint-overdue', [`Checkpoints ${at}/checkpoints`, `Logs ${at}/logs`]],
  ['started-at-zero', [`Stop … ${at}?do=stop`, `Checkpoints ${at}/checkpoints`]], ['not-read', [`Stop … ${at}?do=stop`, `Checkpoints ${at}/checkpoints`]],
] as const)('%s', (kind, expected) => expect(acts(need(kind))).toEqual(expected));
it('what was refused is mended here where the command says so', () =>
  expect([acts(need('refused', 'polyaxon experiment -xp 23 restart')), acts(need('refused', 'polyaxon experiment -xp 31 stop'))]).toEqual([[`Restart … ${at}?do=restart`, `Look ${at}`], [`Look ${at}`]]));
it('one that was stopped can go on', () =>
  expect([actsAfter({ ...experiment, last_status: 'stopped' }), actsAfter({ ...experiment, last_status: 'succeeded' })].map(([first]) => first?.words)).toEqual(['Resume …', 'Look']));
it('how far it is comes before how good', () => expect([metricsText({ loss: 0.5, a: 1, b: 2, step: 4100 }), metricsText({})]).toEqual(['step 4,100 · loss 0.5 · a 1', '']));
it.each([[undefined, 'not known whether it saves'], [null, 'nothing saved in 1 h'], ['2026-11-24T09:55:00.000Z', 'saved 5 min ago']])('saved at %p', (saved, text) =>
  expect(savedText({ experiment, started_at: '2026-11-24T09:00:00.000Z', last_metric: {}, ...(saved !== undefined && { saved_at: saved }) }, Date.parse('2026-11-24T10:00:00.000Z'))).toBe(text));
it('the title is the answer', () => {
  const now = (more: Partial<NowBody>): NowBody => ({ at: '', needs: [], running: [], running_count: 0, done: [], done_count: 0, has_runs: true, ...more });
  expect([now({ needs: [need('failed')], running_count: 3 }), now({ running_count: 3 }), now({})].map(nowTitle)).toEqual(['1 run needs you', '3 runs are running', 'Now']);
});
