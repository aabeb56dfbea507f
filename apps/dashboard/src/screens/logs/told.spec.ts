// Is "not yet" told apart from "nothing", and silence from a reader that is behind?
import { nothingKnown } from './log-index.ts';
import { toldOf, type Standing } from './told.ts';

const now = Date.parse('2026-01-01T10:00:00Z');
const running: Standing = { status: 'running', wasStarted: true, readAt: now, isAway: false };
const index = (more: object = {}) => ({ ...nothingKnown, lines: 1200, grownAt: new Date(now - 5000).toISOString(), ...more });

it.each([
  [index(), running, '1,200 lines until now'],
  [index({ grownAt: new Date(now - 360_000).toISOString() }), running, '1,200 lines; it has printed nothing for 6 min'],
  [index({ grownAt: null }), running, '1,200 lines until now'],
  [index(), { ...running, status: 'failed' }, '1,200 lines; what it printed last is still being collected'],
  [index({ isComplete: true, lines: 1 }), { ...running, status: 'failed' }, 'complete, 1 line'],
  [nothingKnown, running, 'Its program has printed nothing yet.'],
  [nothingKnown, { ...running, status: 'succeeded' }, 'What it printed is not all collected yet.'],
  [index({ lines: 0, isComplete: true }), { ...running, status: 'succeeded' }, 'It printed nothing.'],
  [nothingKnown, { ...running, status: 'scheduled', wasStarted: false }, 'It has not started yet: what it prints will be here.'],
  [nothingKnown, { ...running, status: 'stopped', wasStarted: false }, 'It never started, so it printed nothing.'],
] as const)('%#: %j', (log, standing, text) => expect(toldOf(log, standing, now)).toBe(text));
it('while nobody answers it is told how far it was read, also of a program that is silent', () =>
  expect(toldOf(index({ grownAt: new Date(now - 360_000).toISOString() }), { ...running, readAt: now - 40_000, isAway: true }, now)).toMatch(/^1,200 lines, collected up to .+, 40 s behind$/));
