// Does a metric say that a group, or some of its members, should stop early?
import type { EarlyStopping } from '#polyaxonfile';

export interface Measured {
  readonly id: number;
  /** It can be stopped. */
  readonly isLive: boolean;
  /** By name, each with its values so far in the order they were reported. */
  readonly metrics: Readonly<Record<string, readonly number[]>>;
}

export interface EarlyStop {
  /** Why the whole group stops; null: it goes on. */
  readonly group: string | null;
  readonly members: readonly { readonly id: number; readonly reason: string }[];
}

export function earlyStop(policies: readonly EarlyStopping[], members: readonly Measured[]): EarlyStop {
  void [policies, members];
  return { group: null, members: [] };
}
