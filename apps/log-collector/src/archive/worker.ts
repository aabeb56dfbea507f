// Who archives every console there is, tells when one is complete, and removes what was deleted?
import type { ExperimentId, Time } from '#contracts';
import { alone, errandFor, inSpan, LeaseLost, onErrand, type Errand, type EventStore, type Standing } from '#event-store';
import { Pause } from '#messaging';
import type { Logger } from '#service-host';
import type { FileTree } from '#storage';
import type { ConsoleSource } from '../consoles/console-source.ts';
import type { SettledConsoles } from '../consoles/settled-consoles.ts';
import { logsDecider, type LogsCommand } from '../logs/decider.ts';
import { streamOf } from '../logs/logs.ts';
import { archivesFailed, archivesPending, consolesFollowed, gaps, lag, oldestEnding } from '../metrics.ts';
import type { Archive, ArchiveTable, Outcome, Position } from './archive-table.ts';
import { Archiving, chunkBytes } from './archiving.ts';
import type { Growth } from './growth.ts';
import { keep, removeWritten, StoreAway, type KeptLogs } from './kept-logs.ts';
import { LateKeeping } from './late-keeping.ts';
import { removeDeleted } from './remove-deleted.ts';
import { Turns } from './turns.ts';

const lanes = 4;
/** Of one console, before the others have their turn. */
const roundBytes = 4 * 1024 * 1024;
const lookEveryMs = 1000;
/** Another process writes; what it leaves is taken up so soon after. */
const standbyMs = 250;
/** A program that prints little and often is not looked at each time. */
const gatherMs = 15;
/** A process that is killed does so much again. */
const recordEveryMs = 250;
const retryDelayMs = 50;
const retryDelayMsMax = 2000;
const catchUpMsMax = 2000;

export interface WorkerParts {
  readonly store: EventStore;
  readonly table: ArchiveTable;
  /** Where they are written. */
  readonly tree: FileTree;
  /** Where they are kept for good; not given: there, too. */
  readonly kept?: KeptLogs | undefined;
  readonly source: ConsoleSource;
  /** Not given: none are sent here. */
  readonly settled?: SettledConsoles;
  readonly growth: Growth;
  readonly log: Logger;
  readonly bootId: string;
  readonly now: () => Time;
  /** The logs of an attempt that is over are given up when they could not be written for so long. */
  readonly giveUpAfterMs: number;
  /** Of the log-collectors of this platform one writes; without it, this is the only one. */
  readonly standing?: Standing;
}

/** What this process knows of an attempt beside the table. */
interface Followed {
  readonly archiving: Archiving;
  /** Of `performance.now()`; since when it is known that the attempt is over. */
  endedAtMs: number | undefined;
  recorded: Position;
  /** It has grown and will be looked at. */
  gathering: NodeJS.Timeout | undefined;
  failures: number;
  /** Of `performance.now()`; since when it fails although the attempt is over. */
  failingSince: number | undefined;
  /** They wait for a look at all that was printed before they asked. */
  waiting: (() => void)[];
}

/** Level-based: looks at the table when woken and from time to time, and at a console when it has grown. */
export class Worker {
  readonly #followed = new Map<string, Followed>();
  /** Since the table was last looked at: what was read there of them is no longer true. */
  readonly #justTold = new Set<string>();
  readonly #turns: Turns<Followed>;
  readonly #pause = new Pause();
  readonly #standing: Standing;
  readonly #late: LateKeeping;
  #loop: Promise<void> | undefined;
  #recording: Promise<void> = Promise.resolve();
  #recorder: NodeJS.Timeout | undefined;

  constructor(private readonly parts: WorkerParts) {
    this.#standing = parts.standing ?? alone;
    this.#late = new LateKeeping({ ...parts, standing: this.#standing });
    this.#turns = new Turns((followed, buffer) => onErrand(errandOf(followed), () => this.#turn(followed, buffer)), lanes, chunkBytes);
  }

  start(): void {
    this.#loop ??= this.#run();
    this.#recorder ??= setInterval(() => {
      this.#recording = this.#recording.then(() => this.#record());
    }, recordEveryMs);
  }

  /** There may be something new in the table. */
  wake(): void {
    this.#pause.wake();
  }

  /** Consoles are left as they are: the next process goes on. */
  async stop(): Promise<void> {
    this.#pause.end();
    clearInterval(this.#recorder);
    await this.#loop;
    await this.#turns.close();
    await this.#recording;
    await this.#record();
    for (const { archiving } of this.#followed.values()) await archiving.close();
  }

  /** Resolves when all that the experiment has printed by now is archived, or after 2 s: then a part of it is. */
  async caughtUp(experimentId: ExperimentId): Promise<void> {
    const its = [...this.#followed.values()].filter(({ archiving }) => archiving.archive.experimentId === experimentId);
    if (its.length === 0) return;
    const dry = its.map((followed) => new Promise<void>((resolve) => {
      followed.waiting.push(resolve);
      this.#turns.ask(followed);
    }));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, catchUpMsMax)));
    await Promise.race([Promise.all(dry), late]);
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#pause.isOver) {
      this.#pause.begin();
      this.#justTold.clear();
      try {
        if (!this.#standing.isHeld) {
          await this.#leaveAll();
          await this.#pause.rest(standbyMs);
          continue;
        }
        for (const archive of await this.parts.table.unfinished()) this.#follow(archive);
        await removeDeleted({ ...this.parts, standing: this.#standing });
        this.#late.look();
        this.parts.settled?.look();
      } catch (error) {
        this.parts.log.warn({ err: error }, 'what is to be archived and deleted could not be looked at');
      }
      await this.#pause.rest(lookEveryMs);
    }
  }

  /** Another process goes on with them, from what it reads in the table. */
  async #leaveAll(): Promise<void> {
    for (const followed of this.#followed.values()) await this.#leave(followed);
  }

  async #leave(followed: Followed): Promise<void> {
    const { archiving } = followed;
    this.#followed.delete(keyOf(archiving.archive));
    consolesFollowed.set(this.#followed.size);
    release(followed.waiting.splice(0));
    await archiving.close();
  }

  #follow(archive: Archive): void {
    const key = keyOf(archive);
    if (this.#justTold.has(key)) return;
    const known = this.#followed.get(key);
    if (known) {
      if (!archive.isEnded || known.archiving.isEnded) return;
      known.archiving.isEnded = true;
      known.endedAtMs = performance.now();
      this.#turns.ask(known);
      return;
    }
    const { source, tree, kept, bootId, store } = this.parts;
    const archiving: Archiving = new Archiving(archive, {
      source, root: tree.root, kept, bootId,
      grown: () => this.#gather(followed),
      confirm: () => this.#standing.confirm(),
      confirmNow: () => store.transaction((on) => this.#standing.confirmIn(on)),
    });
    const followed: Followed = { archiving, endedAtMs: archive.isEnded ? performance.now() : undefined, recorded: archive.position, gathering: undefined, failures: 0, failingSince: undefined, waiting: [] };
    this.#followed.set(key, followed);
    consolesFollowed.set(this.#followed.size);
    this.#turns.ask(followed);
  }

  #gather(followed: Followed): void {
    followed.gathering ??= setTimeout(() => {
      followed.gathering = undefined;
      this.#turns.ask(followed);
    }, gatherMs).unref();
  }

  /** Never rejects. */
  async #turn(followed: Followed, buffer: Buffer): Promise<void> {
    const { archiving } = followed;
    const waiting = followed.waiting.splice(0);
    if (this.#followed.get(keyOf(archiving.archive)) !== followed) return release(waiting); // its end was told since it asked
    const before = archiving.position.archiveOffset;
    try {
      const progress = await archiving.round(buffer, roundBytes);
      if (progress === 'complete') await inSpan('archive logs', {}, () => this.#seal(followed));
      followed.failures = 0;
      followed.failingSince = undefined;
      if (archiving.position.archiveOffset > before) this.parts.growth.tell(archiving.archive.experimentId, 'bytes');
      if (progress !== 'more') return release(waiting);
      followed.waiting.push(...waiting);
      this.#turns.ask(followed);
    } catch (error) {
      followed.waiting.push(...waiting);
      await this.#failed(followed, error);
    }
  }

  async #seal(followed: Followed): Promise<void> {
    const { archive, archive: { experimentId, attempt, startOffset }, position } = followed.archiving;
    const { lines, lostBytes, archiveOffset } = position;
    const data = { experimentId, attempt, sizeBytes: archiveOffset - startOffset, lines, lostBytes, archivedAt: this.parts.now() };
    await keep({ ...this.parts, standing: this.#standing }, archive, archiveOffset);
    await this.#tell(followed, 'archived', { type: 'CompleteArchive', data });
    await removeWritten(this.parts, archive);
    await this.#removeConsole(archive);
  }

  /** What is left of it goes later. */
  async #removeConsole({ console, experimentId }: Archive): Promise<void> {
    await this.parts.source.remove?.(console).catch((error: unknown) => this.parts.log.warn({ err: error, experimentId }, 'a console that is archived could not be removed'));
  }

  /** The outcome and its event in one transaction; files are behind it already. */
  async #tell({ archiving }: Followed, outcome: Outcome, command: LogsCommand): Promise<void> {
    const { store, table, bootId, growth } = this.parts;
    const { archive, position } = archiving;
    try {
      await store.transaction(async (on) => {
        const isNew = await table.finish(on, bootId, archive, position, outcome);
        if (isNew) await store.handleIn(on, streamOf(archive.experimentId), logsDecider, [command], archive.cause);
        await this.#standing.confirmIn(on);
      });
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      throw new NotTold(error);
    }
    this.#followed.delete(keyOf(archive));
    this.#justTold.add(keyOf(archive));
    consolesFollowed.set(this.#followed.size);
    await archiving.close();
    growth.tell(archive.experimentId, 'state');
    this.wake(); // for the next attempt, or its deletion
  }

  /** While the program runs its console keeps everything, so there is no reason to give up. */
  async #failed(followed: Followed, error: unknown): Promise<void> {
    const { archiving } = followed;
    const { experimentId, attempt } = archiving.archive;
    if (error instanceof LeaseLost) return this.#leave(followed);
    followed.failures += 1;
    this.parts.log.warn({ err: error, experimentId, attempt, failures: followed.failures }, 'a console could not be archived; it is tried again');
    try {
      await archiving.close();
      if (!(error instanceof NotTold) && this.#isOverdue(followed)) return await this.#giveUp(followed, error);
    } catch (failure) {
      this.parts.log.warn({ err: failure, experimentId, attempt }, 'giving up a console could not be told; it is tried again');
    }
    const delayMs = Math.min(retryDelayMsMax, retryDelayMs * 2 ** Math.min(followed.failures, 10));
    setTimeout(() => this.#turns.ask(followed), delayMs).unref();
  }

  #isOverdue(followed: Followed): boolean {
    if (!followed.archiving.isEnded) return false;
    followed.failingSince ??= performance.now();
    return performance.now() - followed.failingSince >= this.parts.giveUpAfterMs;
  }

  async #giveUp(followed: Followed, error: unknown): Promise<void> {
    const { experimentId, attempt } = followed.archiving.archive;
    const message = error instanceof Error ? error.message : String(error);
    const reason = `the console output could not be archived: ${message.replaceAll(`${this.parts.tree.root}/`, '')}`;
    const isThere = error instanceof StoreAway; // in the folder
    await this.#tell(followed, isThere ? 'unkept' : 'failed', { type: 'FailArchive', data: { experimentId, attempt, reason, failedAt: this.parts.now() } });
    archivesFailed.inc();
    if (!isThere) gaps.inc({ reason: 'given-up' });
    release(followed.waiting.splice(0));
  }

  async #record(): Promise<void> {
    const all = [...this.#followed.values()];
    lag.set(all.reduce((bytes, { archiving }) => bytes + archiving.lagBytes, 0));
    archivesPending.set(all.filter(({ endedAtMs }) => endedAtMs !== undefined).length);
    oldestEnding.set(Math.max(0, ...all.map(({ endedAtMs = performance.now() }) => performance.now() - endedAtMs)) / 1000);
    const moved = all
      .filter(({ archiving, recorded }) => archiving.position !== recorded)
      .map((followed) => ({ followed, archive: followed.archiving.archive, position: followed.archiving.position }));
    if (moved.length === 0 || !this.#standing.isHeld) return;
    try {
      await this.parts.store.transaction(async (on) => {
        await this.parts.table.record(this.parts.bootId, moved, on);
        await this.#standing.confirmIn(on);
      });
      for (const { followed, position } of moved) followed.recorded = position;
    } catch (error) {
      if (error instanceof LeaseLost) return;
      this.parts.log.warn({ err: error }, 'how far consoles are archived could not be recorded');
    }
  }
}

/** All is archived and on disk, only the database doesn't know yet: that is never given up. */
class NotTold extends Error {
  constructor(cause: unknown) {
    super('the outcome could not be told', { cause });
  }
}

function release(waiting: readonly (() => void)[]): void {
  for (const resolve of waiting) resolve();
}

function errandOf({ archiving: { archive } }: Followed): Errand {
  return errandFor(archive.cause, archive.experimentId);
}

function keyOf({ experimentId, attempt }: Archive): string {
  return `${experimentId}.${attempt}`;
}
