// Is the kernel's line about a process read rightly, and a real process seen?
import { usageIn, usageOf } from './usage.ts';

it('counts the time of the process and of its children, and its memory', () => {
  const stat = '4711 (a (strange) name) S 1 4711 4711 0 -1 4194304 100 0 0 0 150 50 30 20 20 0 1 0 1000 104857600 2560 18446744073709551615 0 0';
  expect(usageIn(stat)).toEqual({ cpuSeconds: 2.5, memoryBytes: 2560 * 4096 });
});

it('sees this very process, and nothing of one that is not there', () => {
  const used = usageOf([process.pid, 2 ** 22 + 1]);
  expect(used.processes).toBe(1);
  expect(used.cpuSeconds).toBeGreaterThan(0);
  expect(used.memoryBytes).toBeGreaterThan(1_000_000);
});
