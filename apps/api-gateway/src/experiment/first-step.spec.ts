// Which is the first step that a program logs?
import type { Measure } from '#contracts';
import { firstStepOf } from './first-step.ts';

const row = (values: Record<string, Measure>) => ({ values, createdAt: '2026-11-27T10:00:00.000Z' });

it.each([
  ['the first of several', [row({ step: 0, loss: 1 }), row({ step: 1 })], 0],
  ['of the first report that counts', [row({ loss: 1 }), row({ epoch: 6, loss: 1 })], 6],
  ['the furthest, where steps begin again in each epoch', [row({ step: 0, epoch: 6 })], 6],
  ['none, where nothing is counted', [row({ loss: 0 })], undefined],
  ['none, where it is no number', [row({ step: 'nan' }), row({ step: null })], undefined],
])('%s', (_, rows, step) => expect(firstStepOf(rows)).toBe(step));
