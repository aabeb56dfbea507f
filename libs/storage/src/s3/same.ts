// Is the object in the target the one that was meant to be there?
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { allOrFirstError } from './parts.ts';
import type { Bucket } from './bucket.ts';
import type { Entry } from './notes.ts';

const pieceBytes = 16 * 1024;
const spread = 32;
const largest = 8;
const atOnce = 4;

export interface Pair {
  readonly entry: Entry;
  readonly sourceKey: string;
  readonly targetKey: string;
  readonly targetEtag: string;
}

export interface Sameness {
  /** Of what is known to be the same, by path: what tells it from other content. */
  readonly digests: ReadonlyMap<string, string>;
  readonly different: readonly string[];
}

/**
 * Two plain ETags are MD5 sums of the content, so they prove that all of it is the same without a byte being read. Others (of uploads in parts, of encrypted objects)
 * can't be compared: the beginning, middle, and end of some of those are read on both sides, or with `full` every byte of all.
 */
export async function areSame(bucket: Bucket, pairs: readonly Pair[], full: boolean): Promise<Sameness> {
  const digests = new Map<string, string>();
  const different: string[] = [];
  const proven = full ? [] : pairs.filter(({ entry, targetEtag }) => isSum(entry.etag) && entry.etag === targetEtag);
  for (const { entry } of proven) digests.set(entry.path, `md5:${entry.etag}`);
  const suspects = full ? [...pairs] : sampleOf(pairs.filter(({ entry }) => !digests.has(entry.path)));
  const compareSome = async (): Promise<void> => {
    for (let pair = suspects.pop(); pair !== undefined; pair = suspects.pop()) {
      const [ours, theirs] = await Promise.all([digestOf(bucket, pair.sourceKey, pair.entry, full), digestOf(bucket, pair.targetKey, { ...pair.entry, etag: pair.targetEtag }, full)]);
      if (ours !== undefined && ours === theirs) digests.set(pair.entry.path, ours);
      else different.push(pair.entry.path);
    }
  };
  await allOrFirstError(Array.from({ length: atOnce }, compareSome));
  return { digests, different };
}

export function digestOfAll(entries: Iterable<Entry>, digests: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const { path, sizeBytes } of entries) hash.update(`${path}\0${sizeBytes}\0${digests.get(path) ?? ''}\n`);
  return `sha256:${hash.digest('hex')}`;
}

/** Sums that differ are a reason to look closely; of the rest, evenly over the whole tree, and the largest ones: those are the checkpoints. */
function sampleOf(pairs: readonly Pair[]): Pair[] {
  const alarming = pairs.filter(({ entry, targetEtag }) => isSum(entry.etag) && isSum(targetEtag));
  const others = pairs.filter((pair) => !alarming.includes(pair));
  const step = Math.max(1, others.length / spread);
  const even = Array.from({ length: Math.min(spread, others.length) }, (_, index) => others[Math.floor(index * step)]!);
  const big = [...others].sort((one, other) => other.entry.sizeBytes - one.entry.sizeBytes).slice(0, largest);
  return [...new Set([...alarming, ...even, ...big])];
}

/** Undefined when it isn't this content any more. */
async function digestOf(bucket: Bucket, key: string, { etag, sizeBytes }: Entry, full: boolean): Promise<string | undefined> {
  const hash = createHash('sha256');
  const isWhole = full || sizeBytes <= 3 * pieceBytes;
  const ranges = isWhole ? [undefined] : [0, Math.floor(sizeBytes / 2), sizeBytes - pieceBytes].map((start) => `bytes=${start}-${start + pieceBytes - 1}`);
  for (const range of ranges) {
    const piece = await bucket.digest({ key, etag }, range, full ? sumOf : buffer);
    if (piece === undefined) return undefined;
    hash.update(piece);
  }
  return hash.digest('hex');
}

async function sumOf(content: Readable): Promise<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk as Buffer);
  return hash.digest();
}

function isSum(etag: string): boolean {
  return /^[0-9a-f]{32}$/.test(etag);
}
