// Is the share of the processors what was used between two looks?
import type { RunUsageBody } from '#contracts';
import { cpuPercentage } from './share.ts';

const look = (cpuSeconds: number, measuredAtMs: number, attempt = 1): RunUsageBody => ({ attempt, cpuSeconds, measuredAtMs, processors: 4, memoryBytes: 1, memoryLimitBytes: 2 });

it('is 100 for one processor all the time, and 250 for two and a half', () => {
  expect([cpuPercentage(look(1, 0), look(2, 1000)), cpuPercentage(look(1, 500), look(6, 2500))]).toEqual([100, 250]);
});

it('is never below nothing, though processes end', () => {
  expect(cpuPercentage(look(5, 0), look(1, 1000))).toBe(0);
});

it('is not known across attempts, and when the clock began anew', () => {
  expect([cpuPercentage(look(1, 0), look(2, 1000, 2)), cpuPercentage(look(1, 9000), look(2, 10)), cpuPercentage(look(1, 10), look(1, 10))]).toEqual([null, null, null]);
});
