// What does a carrier do from before the program starts until nothing of it is left to carry?
import { watch, type FSWatcher } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Carrier, ClaimLost, bringReference, type CarryNotes, type CarryOrder, type Pass, type Program, type ProgramEnded } from '#storage';
import { Report } from './report.ts';

/** The store may be away for so long before a program that waits for its outputs fails. */
const patienceMs = 5 * 60_000;
const retryMs = 2000;
/** Notes are looked at this often, also when the kernel does not tell of them. */
const lookEveryMs = 500;
/** Looking takes no more than this part of the time. */
const lookingShare = 0.1;

export interface CarryRunParts {
  readonly order: CarryOrder;
  readonly notes: CarryNotes;
  readonly holder: string;
  readonly nowMs: () => number;
}

/** Why the program can't start; `isPassing`: another attempt may find it otherwise. */
export interface BringFailure {
  readonly message: string;
  readonly isPassing: boolean;
}

/** Killed at any moment, the next one goes on. */
export class CarryRun {
  readonly #report: Report;
  readonly #ended = new AbortController();
  #watcher: FSWatcher | undefined;
  #failure: BringFailure | undefined;

  constructor(private readonly parts: CarryRunParts) {
    this.#report = new Report(parts.order, parts.notes, parts.nowMs);
  }

  async run(): Promise<void> {
    const { notes } = this.parts;
    if (await notes.done()) return;
    this.#watcher = this.#watchNotes();
    try {
      const carrier = await this.#prepare();
      if (carrier) await this.#carry(carrier);
    } catch (error) {
      if (!(error instanceof ClaimLost)) throw error;
      await notes.say('done', { isOk: false, message: `the outputs could not be carried to the store: ${error.message}`, warnings: [] });
    } finally {
      this.#watcher?.close();
    }
  }

  /** All that the program needs is here after it, or notes say why not. Another one goes on while the program runs. */
  async bring(): Promise<BringFailure | undefined> {
    if (await this.parts.notes.brought()) return undefined;
    await this.#prepare();
    return this.#failure;
  }

  /** Undefined: the program will not start. */
  async #prepare(): Promise<Carrier | undefined> {
    const { notes, nowMs } = this.parts;
    const giveUpAt = nowMs() + patienceMs;
    for (;;) {
      try {
        return await this.#open();
      } catch (error) {
        if (await notes.ended()) return await this.#neverStarted();
        if (error instanceof ClaimLost) throw error;
        const isBrought = (await notes.brought()) !== undefined;
        const isPassing = this.#report.isPassing(error);
        if (!isBrought && (!isPassing || nowMs() > giveUpAt)) {
          this.#failure = { message: (error as Error).message, isPassing };
          await notes.say('failed', (error as Error).message);
          return undefined;
        }
        await this.#report.failed(error);
        await this.#pause(retryMs);
      }
    }
  }

  /** Undefined: nothing is carried back. */
  async #open(): Promise<Carrier | undefined> {
    const { order, notes, holder, nowMs } = this.parts;
    const { store, path, folder, epoch } = order;
    if (path === null || store === undefined) return this.#bringReferencesOnly();
    const carrier = await Carrier.open({ store, path, folder, epoch, holder, settleMs: this.#settleMs, nowMs });
    if (await notes.brought()) {
      await carrier.adopt();
      return carrier;
    }
    await this.#bringReferences();
    await notes.say('brought', await carrier.bringIn(this.#ended.signal));
    return carrier;
  }

  async #bringReferences(): Promise<void> {
    const { order: { references }, nowMs } = this.parts;
    for (const { store, path, folder } of references) await bringReference(store, path, folder, nowMs, this.#ended.signal);
  }

  /** Its own outputs are where they are kept. Said in this order: done without brought is one that never started. */
  async #bringReferencesOnly(): Promise<undefined> {
    const { notes } = this.parts;
    if (!(await notes.brought())) await this.#bringReferences();
    await notes.say('brought', { files: 0, sizeBytes: 0 });
    await notes.say('done', { isOk: true, message: null, warnings: [] });
    return undefined;
  }

  /** It was stopped before its outputs were here. */
  async #neverStarted(): Promise<undefined> {
    if ((await this.parts.notes.brought()) === undefined) await this.parts.notes.say('done', { isOk: true, message: null, warnings: [] });
    return undefined;
  }

  async #carry(carrier: Carrier): Promise<void> {
    const { notes } = this.parts;
    for (;;) {
      if (!notes.isThere) return; // nobody remembers this attempt any more
      const ended = await notes.ended();
      const began = performance.now();
      const pass = await this.#pass(carrier, programOf(ended));
      if (ended && pass?.isComplete === true) return this.#end(carrier, pass);
      const pauseMs = pass === undefined ? retryMs : Math.max(this.#settleMs / 2, (performance.now() - began) * (1 / lookingShare - 1) * (pass.files === 0 ? 1 : 0));
      if (!ended || pass === undefined) await this.#pause(pauseMs);
    }
  }

  /** Undefined: it failed, and is tried again. */
  async #pass(carrier: Carrier, program: Program): Promise<Pass | undefined> {
    try {
      const pass = await carrier.carry(program, program.state === 'running' ? { pauseSignal: this.#ended.signal } : {});
      await this.#report.passed(pass);
      return pass;
    } catch (error) {
      if (error instanceof ClaimLost) throw error;
      await this.#report.failed(error);
      return undefined;
    }
  }

  async #end(carrier: Carrier, { waiting }: Pass): Promise<void> {
    await carrier.release();
    await carrier.removeFolder();
    const warnings = waiting.length === 0 ? [] : [`the program was killed while it wrote ${waiting[0]!.path}${waiting.length > 1 ? ` and ${waiting.length - 1} more` : ''}: the store keeps what was there before`];
    await this.parts.notes.say('done', { isOk: true, message: null, warnings });
  }

  get #settleMs(): number {
    return Math.min(5000, Math.max(100, this.parts.order.lagSeconds * 200));
  }

  #watchNotes(): FSWatcher | undefined {
    const look = async (): Promise<void> => {
      if ((await this.parts.notes.ended().catch(() => undefined)) !== undefined) this.#ended.abort();
    };
    setInterval(() => void look(), lookEveryMs).unref();
    void look();
    try {
      return watch(this.parts.notes.folder, { persistent: false }, () => void look()).on('error', () => undefined);
    } catch {
      return undefined; // as many watches as the system allows are taken
    }
  }

  /** Ends at once when the program has. */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.#ended;
    if (signal.aborted) await pause(Math.min(ms, retryMs / 4));
    else await pause(ms, undefined, { signal }).catch(() => undefined);
  }
}

function programOf(ended: ProgramEnded | undefined): Program {
  if (!ended) return { state: 'running' };
  if (ended.isClean) return { state: 'ended' };
  return { state: 'broken', diedAt: ended.diedAtMs === null ? null : BigInt(Math.floor(ended.diedAtMs)) * 1_000_000n };
}
