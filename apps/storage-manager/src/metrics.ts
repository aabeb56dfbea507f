// What can be seen of the copies from outside?
import { Counter, Gauge } from 'prom-client';
import type { CopyFailure, CopyProgress } from '#storage';

export const copiesRunning = new Gauge({ name: 'polyaxon_copies_running', help: 'copies of outputs under way' });
export const bytesCopied = new Counter({ name: 'polyaxon_copy_bytes_total', help: 'bytes of outputs that were copied completely' });
export const bytesLeft = new Gauge({ name: 'polyaxon_copy_bytes_left', help: 'bytes that the copies under way still have to copy' });
export const filesLeft = new Gauge({ name: 'polyaxon_copy_files_left', help: 'files that the copies under way still have to copy' });
export const bytesMoved = new Counter({ name: 'polyaxon_copy_progress_bytes_total', help: 'bytes of outputs that were copied, also by copies that are not complete: its rate is their speed' });
export const copyFailures = new Counter({ name: 'polyaxon_copy_failures_total', help: 'copies of outputs that failed', labelNames: ['reason'] });
export const storeSlowDowns = new Counter({ name: 'polyaxon_store_slow_downs_total', help: 'requests that the S3 store asked patience for, or did not answer, and that were made again' });

const reasons: readonly (CopyFailure | 'nothing-to-copy' | 'path-invalid')[] = [
  'disk-full', 'permission', 'source-missing', 'source-changed', 'target-exists', 'name-invalid', 'verification-failed', 'cancelled', 'io',
  'nothing-to-copy', 'path-invalid',
];
/** Shown as 0 from the start: otherwise the first failure is a new series, and no alert sees it rise. */
for (const reason of reasons) copyFailures.inc({ reason }, 0);

/** What one copy adds to the metrics of all, as long as it is under way. */
export class CopyMeter {
  #filesLeft = 0;
  #bytesLeft = 0;
  #bytesDone = 0;

  update({ filesDone, files, bytesDone, bytes }: CopyProgress): void {
    this.#leave(files - filesDone, bytes - bytesDone);
    bytesMoved.inc(Math.max(0, bytesDone - this.#bytesDone));
    this.#bytesDone = bytesDone;
  }

  end(): void {
    this.#leave(0, 0);
  }

  #leave(files: number, bytes: number): void {
    filesLeft.inc(files - this.#filesLeft);
    bytesLeft.inc(bytes - this.#bytesLeft);
    [this.#filesLeft, this.#bytesLeft] = [files, bytes];
  }
}
