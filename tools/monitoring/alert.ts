// What is an alert made of?
import type { DashboardName } from './dashboard.ts';
import type { Profile } from './profile.ts';

export interface Alert {
  readonly name: string;
  /** A page wakes somebody; a ticket is read in the morning. */
  readonly severity: 'page' | 'ticket';
  /** Where to look first. */
  readonly dashboard: DashboardName;
  readonly expr: (profile: Profile) => string;
  readonly forSeconds: number;
  /** The same, so bad that it can't wait for the morning. */
  readonly asPage?: Pick<Alert, 'expr' | 'forSeconds'>;
  /** One line; `{{ $labels.x }}` and `{{ $value }}` are Prometheus' own. */
  readonly summary: string;
  readonly description: string;
  readonly runbook: Runbook;
}

/** For somebody who was woken by it, and has not written any of this. */
export interface Runbook {
  /** What users feel, and whether anything is lost. */
  readonly means: string;
  /** In this order. */
  readonly look: readonly string[];
  readonly mend: readonly string[];
}
