// Which changes of a folder may be shown in the store now, and in what order?
import type { LocalFile, LocalFiles } from './local-files.ts';

/** As it was when it got into the store, by path. */
export type Carried = ReadonlyMap<string, { readonly version: string; readonly inode: string; readonly sizeBytes: number; readonly carriedAt: number }>;

/**
 * running: the program may be writing. ended: it ended by itself, so what is there is what it meant to leave. broken: it was killed at `diedAt` (in nanoseconds; when nobody knows:
 * at the last change), and what it was just writing is not whole.
 */
export type Program = { readonly state: 'running' } | { readonly state: 'ended' } | { readonly state: 'broken'; readonly diedAt: bigint | null };

export interface Due {
  /** In the order in which they came to be, so that nothing shows before what it may refer to. */
  readonly additions: readonly LocalFile[];
  /** After the additions. */
  readonly deletions: readonly string[];
  /** Changes that have to wait. */
  readonly waiting: readonly LocalFile[];
  /** In the store, and gone here: looked for once more before they are believed. */
  readonly missing: ReadonlySet<string>;
}

export interface Holding {
  readonly settleMs: number;
  /** Files that were kept open for so long since they were looked at, and in which not a byte has changed, whatever their names lead to by now. */
  readonly held?: ReadonlySet<string>;
}

const millisecond = 1_000_000n;
/** Times of files come from a clock that ticks no finer than this. */
const tick = 20n * millisecond;
/** Only ever appended to: the beginning of one is whole, though the program never pauses. */
const appended = /\.(log|jsonl|out|err)$|\.tfevents\./;
const appendedBytesEachSecond = 16 * 1024 * 1024;

/**
 * A file is whole when it was renamed after its last write (its name changed later than its content), or has not changed for `settleMs`. One that is not makes all that changed after it wait:
 * any of it may refer to it. For the same reason nothing goes while anything waits.
 */
export function dueOf({ files, lookedAt }: LocalFiles, carried: Carried, missingBefore: ReadonlySet<string>, program: Program, { settleMs, held = new Set() }: Holding): Due {
  const known = new Set(files.map(({ path }) => path));
  const changed = files.filter((file) => carried.get(file.path)?.version !== file.version).sort(inOrder);
  const additions: LocalFile[] = [];
  const waiting: LocalFile[] = [];
  const isWhole = wholeness(program, { lookedAt, held, settle: BigInt(settleMs) * millisecond, last: changed.at(-1)?.changed ?? 0n });
  let from: bigint | undefined;
  for (const file of changed) {
    if (grows(file, carried, program)) {
      if (program.state !== 'running' || isWorthIt(file, carried, lookedAt, settleMs)) additions.push({ ...file, isGrowing: true });
      continue;
    }
    if (!isWhole(file)) from ??= file.changed;
    (from !== undefined && file.changed >= from ? waiting : additions).push(file);
  }
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)));
  const missing = new Set([...carried.keys()].filter((path) => !known.has(path) && !folders.has(path)));
  const isSure = waiting.length === 0;
  const deletions = isSure ? [...missing].filter((path) => program.state !== 'running' || missingBefore.has(path)) : [];
  return { additions, deletions, waiting, missing };
}

/** What waits only because it changed while we looked is due the next time. */
export function isWorthHolding({ waiting }: Due, { lookedAt }: LocalFiles): boolean {
  return waiting.some(({ changed }) => lookedAt - changed >= tick);
}

/** Of two that changed in one tick, the larger one first: what refers to others is small. */
function inOrder(one: LocalFile, other: LocalFile): number {
  if (one.changed !== other.changed) return one.changed < other.changed ? -1 : 1;
  return other.sizeBytes - one.sizeBytes || (one.path < other.path ? -1 : 1);
}

function wholeness(program: Program, { lookedAt, held, settle, last }: { lookedAt: bigint; held: ReadonlySet<string>; settle: bigint; last: bigint }): (file: LocalFile) => boolean {
  if (program.state === 'ended') return () => true;
  const wasRenamed = ({ sizeBytes, modified, changed }: LocalFile) => sizeBytes > 0 && changed - modified >= millisecond;
  if (program.state === 'broken') {
    const diedAt = program.diedAt ?? last;
    return (file) => file.version === 'folder' || wasRenamed(file) || diedAt - file.changed >= settle;
  }
  return (file) => {
    const age = lookedAt - file.changed;
    if (file.version === 'folder') return age >= tick;
    return age >= settle || (age >= tick && (wasRenamed(file) || held.has(file.path))); // what changed while we looked may be without what came before it
  };
}

function grows({ path, inode, sizeBytes }: LocalFile, carried: Carried, { state }: Program): boolean {
  const before = carried.get(path);
  return state !== 'ended' && appended.test(path) && (before === undefined || (before.inode === inode && before.sizeBytes <= sizeBytes));
}

/** All of it goes each time, so a long one goes less often. */
function isWorthIt({ path, sizeBytes }: LocalFile, carried: Carried, lookedAt: bigint, settleMs: number): boolean {
  const pauseMs = Math.max(settleMs, (1000 * sizeBytes) / appendedBytesEachSecond);
  return Number(lookedAt / millisecond) - (carried.get(path)?.carriedAt ?? 0) >= pauseMs;
}

function foldersOf(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, index) => `${segments.slice(0, index + 1).join('/')}/`);
}
