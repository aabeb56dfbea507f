// What can be seen of copies, stores and checkpoints from outside?
import { statfs } from 'node:fs/promises';
import type { CheckpointOffer, Event } from '#contracts';
import { counter, gauge, histogram, type LabelValues } from '#service-host';
import type { CopyProgress } from '#storage';

export const copiesRunning = gauge('copies_running');
const bytesCopied = counter('copy_bytes_total');
export const storeSlowDowns = counter('store_slow_downs_total');
const copyDuration = histogram('copy_duration_seconds');
const bytesLeft = gauge('copy_bytes_left');
const filesLeft = gauge('copy_files_left');
const bytesMoved = counter('copy_progress_bytes_total');
const copyFailures = counter('copy_failures_total');
const verifications = counter('checkpoint_verifications_total');
const resumes = counter('resumes_total');

/** Of `performance.now()`: when each copy under way has last got on. */
const gotOnAtMs = new Map<CopyMeter, number>();
gauge('copy_oldest_progress_age_seconds', async (age) => age.set(gotOnAtMs.size === 0 ? 0 : (performance.now() - Math.min(...gotOnAtMs.values())) / 1000));

export type CopyFailureReason = LabelValues<'copy_failures_total'>['reason'];
export const copyFailed = (reason: CopyFailureReason): void => copyFailures.inc({ reason });

/** What one copy adds to the metrics of all, as long as it is under way. */
export class CopyMeter {
  #filesLeft = 0;
  #bytesLeft = 0;
  #filesDone = 0;
  #bytesDone = 0;

  readonly #beganAtMs = performance.now();

  constructor() {
    gotOnAtMs.set(this, this.#beganAtMs);
  }

  complete(sizeBytes: number): void {
    copyDuration.observe((performance.now() - this.#beganAtMs) / 1000);
    bytesCopied.inc(sizeBytes);
  }

  update({ filesDone, files, bytesDone, bytes }: CopyProgress): void {
    this.#leave(files - filesDone, bytes - bytesDone);
    bytesMoved.inc(Math.max(0, bytesDone - this.#bytesDone));
    if (bytesDone !== this.#bytesDone || filesDone !== this.#filesDone) gotOnAtMs.set(this, performance.now());
    [this.#filesDone, this.#bytesDone] = [filesDone, bytesDone];
  }

  end(): void {
    this.#leave(0, 0);
    gotOnAtMs.delete(this);
  }

  #leave(files: number, bytes: number): void {
    filesLeft.inc(files - this.#filesLeft);
    bytesLeft.inc(bytes - this.#bytesLeft);
    [this.#filesLeft, this.#bytesLeft] = [files, bytes];
  }
}

/** Of those that are folders, by their names. */
export function showSpace(folders: ReadonlyMap<string, string>): void {
  const size = gauge('storage_size_bytes');
  gauge('storage_free_bytes', async (free) => {
    for (const [store, root] of folders) {
      const { bavail, blocks, bsize } = await statfs(root);
      free.set({ store }, bavail * bsize);
      size.set({ store }, blocks * bsize);
    }
  });
}

/** Told of what this service has written: a run that was given its outputs, and what was found in them. */
export function countCheckpoints(events: readonly Pick<Event, 'type' | 'data'>[]): void {
  for (const { type, data } of events) if ((type === 'OutputsPrepared' || type === 'OutputsCopied') && 'checkpoint' in data && data.checkpoint) count(data.checkpoint);
}

function count({ offered, setAside, forced }: CheckpointOffer): void {
  resumes.inc({ checkpoint: forced ? 'forced' : offered ? 'verified' : 'none' });
  if (offered) verifications.inc({ verdict: offered.complete ? 'whole' : 'damaged' });
  for (const { problem } of setAside) verifications.inc({ verdict: problem === null ? 'whole' : 'damaged' });
}
