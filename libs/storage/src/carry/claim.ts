// Who may write a folder of a store, and what was it last about to show there?
import { setTimeout as pause } from 'node:timers/promises';
import type { Bucket } from '../s3/bucket.ts';
import { show, type Changes } from './commit.ts';

/** Later writers have higher ones: the experiment, and its attempt. */
export type Epoch = readonly [experimentId: number, attempt: number];

interface Content {
  readonly epoch: Epoch;
  /** Another one for each process. */
  readonly holder: string;
  readonly sequence: number;
  /** Whoever held it has left nothing to wait for. */
  readonly isReleased: boolean;
  readonly changes: Changes | null;
  /** Who changed the store last. */
  readonly writtenIn: Epoch | null;
}

/** Somebody with a higher epoch writes there, or another process of ours: this one has to end. */
export class ClaimLost extends Error {
  override readonly name = 'ClaimLost';
}

/** A deletion that was decided this long ago is not sent without another look at whose turn it is. */
const trustedMs = 2000;

/** One object, and every write to it names the content it replaces: of two writers one is refused. Showing changes begins with writing them down here. */
export class Claim {
  private constructor(
    private readonly bucket: Bucket,
    private readonly key: string,
    private readonly from: string,
    private content: Content,
    private etag: string,
    private writtenAt: number,
  ) {}

  /** Finishes what its former holder had begun. */
  static async take(bucket: Bucket, { key, from }: { key: string; from: string }, epoch: Epoch, holder: string): Promise<Claim> {
    for (;;) {
      const there = await bucket.getWhole(key);
      const former = there && (JSON.parse(there.body.toString()) as Content);
      if (former && isHigher(former.epoch, epoch)) throw new ClaimLost(`experiment ${former.epoch[0]}, attempt ${former.epoch[1]}, writes there since`);
      const content: Content = { epoch, holder, sequence: (former?.sequence ?? 0) + 1, isReleased: false, changes: former?.changes ?? null, writtenIn: former?.writtenIn ?? null };
      const at = performance.now();
      const etag = await bucket.putOver(key, bodyOf(content), there?.etag ?? null);
      if (etag === undefined) continue; // another one was faster: look again
      const claim = new Claim(bucket, key, from, content, etag, at);
      if (former && !former.isReleased && isHigher(epoch, former.epoch)) await pause(trustedMs); // what a former attempt has just sent has arrived by then
      if (content.changes) await claim.#show(content.changes);
      return claim;
    }
  }

  /** Nobody with a higher epoch has changed the store. */
  isLatest(epoch: Epoch): boolean {
    return this.content.writtenIn === null || !isHigher(this.content.writtenIn, epoch);
  }

  /** All of it is shown, or will be by whoever is there next. The ETags of what was added, by path. */
  async show(changes: Changes): Promise<ReadonlyMap<string, string>> {
    await this.#write({ changes, writtenIn: this.content.epoch });
    return this.#show(changes);
  }

  /** After a failure nobody knows what of it has arrived. */
  async refresh(): Promise<void> {
    const there = await this.bucket.getWhole(this.key);
    const content = there && (JSON.parse(there.body.toString()) as Content);
    if (content?.holder !== this.content.holder) throw lost();
    this.content = content;
    this.etag = there!.etag;
    if (content.changes) await this.#show(content.changes);
  }

  async release(): Promise<void> {
    await this.#write({ isReleased: true });
  }

  async #show(changes: Changes): Promise<ReadonlyMap<string, string>> {
    const etags = await show(this.bucket, this.from, changes, async () => {
      if (performance.now() - this.writtenAt > trustedMs) await this.#write({}); // refused when it is somebody else's by now
      return true;
    });
    await this.#write({ changes: null });
    return etags;
  }

  async #write(change: Partial<Content>): Promise<void> {
    const content: Content = { ...this.content, ...change, sequence: this.content.sequence + 1 };
    const at = performance.now();
    const etag = await this.bucket.putOver(this.key, bodyOf(content), this.etag);
    if (etag === undefined) throw lost();
    this.content = content;
    this.etag = etag;
    this.writtenAt = at;
  }
}

function lost(): ClaimLost {
  return new ClaimLost('another carrier writes there since');
}

function isHigher([experiment, attempt]: Epoch, [otherExperiment, otherAttempt]: Epoch): boolean {
  return experiment > otherExperiment || (experiment === otherExperiment && attempt > otherAttempt);
}

function bodyOf(content: Content): Buffer {
  return Buffer.from(JSON.stringify(content));
}
