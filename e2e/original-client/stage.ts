// Who is there in the tests of the original client?
import type { OriginalClient } from './original-client.ts';
import type { Platform } from '../platform.ts';

/** One platform for all, whose project `adam/iris` the chapters share; each makes the experiments it needs. */
export interface Stage {
  readonly platform: Platform;
  /** Logged in, in a folder that is initialised for `iris`. */
  readonly adam: OriginalClient;
  readonly newcomer: (name: string) => OriginalClient;
}

export type TheStage = () => Stage;

export const password = (name: string): string => `the-password-of-${name}`;
export const iris = 'adam/iris';
