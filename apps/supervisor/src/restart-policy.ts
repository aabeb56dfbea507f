// A service has ended by itself: when is it started again, and when should somebody know?

export interface Restart {
  readonly delayMs: number;
  /** It has ended so often that the console should say so, once in a while. */
  readonly isLooping: boolean;
}

const windowMs = 60_000;
const loopsAfter = 5;

/** `endedAt`: times of its ends so far, this one the last, by a clock that never goes back. The delay doubles with each end of the last minute, from 50 ms to 1 s. */
export function restartAfter(endedAt: readonly number[]): Restart {
  const now = endedAt.at(-1) ?? 0;
  const recent = endedAt.filter((time) => now - time < windowMs).length;
  return { delayMs: Math.min(1000, 50 * 2 ** (recent - 1)), isLooping: recent >= loopsAfter && recent % loopsAfter === 0 };
}
