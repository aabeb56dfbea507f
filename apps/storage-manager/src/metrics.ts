// What can be seen of the copies from outside?
import { Counter, Gauge } from 'prom-client';
import type { CopyFailure } from '#storage';

export const copiesRunning = new Gauge({ name: 'polyaxon_copies_running', help: 'copies of outputs under way' });
export const bytesCopied = new Counter({ name: 'polyaxon_copy_bytes_total', help: 'bytes of outputs that were copied completely' });
export const copyFailures = new Counter({ name: 'polyaxon_copy_failures_total', help: 'copies of outputs that failed', labelNames: ['reason'] });
export const storeSlowDowns = new Counter({ name: 'polyaxon_store_slow_downs_total', help: 'requests that the S3 store asked patience for, or did not answer, and that were made again' });

const reasons: readonly (CopyFailure | 'nothing-to-copy' | 'path-invalid')[] = [
  'disk-full', 'permission', 'source-missing', 'source-changed', 'target-exists', 'name-invalid', 'verification-failed', 'cancelled', 'io',
  'nothing-to-copy', 'path-invalid',
];
/** Shown as 0 from the start: otherwise the first failure is a new series, and no alert sees it rise. */
for (const reason of reasons) copyFailures.inc({ reason }, 0);
