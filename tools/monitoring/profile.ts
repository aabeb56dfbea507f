// How long do alerts look back and wait: as an operator wants it, or as a test has time for?

export interface Profile {
  /** Of a range, for PromQL. */
  readonly window: (seconds: number) => string;
  /** Of `for`. */
  readonly wait: (seconds: number) => string;
  /** That something may be old. */
  readonly age: (seconds: number) => number;
}

const units = [['d', 86_400], ['h', 3600], ['m', 60], ['s', 1]] as const;

export function duration(seconds: number): string {
  const [unit, size] = units.find(([, one]) => seconds % one === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}

export const asShipped: Profile = { window: duration, wait: duration, age: (seconds) => seconds };

/** A sixtieth at most, for a scrape each second: no window so short that nothing is in it, none so long that what is over is still seen after half a minute. */
export const fast: Profile = {
  window: (seconds) => `${Math.min(15, Math.max(5, Math.round(seconds / 60)))}s`,
  wait: (seconds) => `${Math.min(5, Math.round(seconds / 60))}s`,
  age: (seconds) => Math.max(3, Math.round(seconds / 60)),
};
