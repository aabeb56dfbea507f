// What is the next safe-to-repeat step of each run, and who takes it?
import type { ExperimentId } from '#contracts';
import { alone, currentErrand, errandFor, inSpan, LeaseLost, onErrand, VersionConflict, type EventStore, type Queryable, type Standing } from '#event-store';
import { backOff, Pause } from '#messaging';
import type { Logger } from '#service-host';
import { isLaunched, LaunchFailed, type AttemptId, type Executor, type Observation } from '../executors/executor.ts';
import { Attention } from './attention.ts';
import type { RunCommand } from './decider.ts';
import type { EndRun } from './end.ts';
import { FreeSlots } from './free-slots.ts';
import type { Leftover, LiveRun } from './live-runs.ts';
import type { RunMetrics } from './metrics.ts';
import { PendingLaunches } from './pending-launches.ts';
import { isDue } from './run.ts';
import type { Runs } from './runs.ts';
import type { TakenBudget } from './taken-away.ts';

/** With live runs it looks this often by itself; what it is told of it looks at at once. */
const busyPollMs = 250;
const idlePollMs = 2000;
/** Another scheduler works; what it leaves is taken up so soon after. */
const standbyPollMs = 250;
/** A look at thousands of runs costs something, and while thousands start there is always news of one: between two looks so many times as long passes as the first took, but never longer than this. */
const breaths = 4;
const longestBreathMs = 250;
/** In one transaction, so that a burst of requests doesn't hold the lock on the slots for long. */
const heldAtOnce = 100;
const forgottenAtOnce = 50;

export interface WorkerOptions {
  readonly slots: number;
  readonly graceSeconds: number;
  /** Before a failed run is started again. */
  readonly restartDelaySeconds?: number;
  /** How often the machine may take a run away before it fails. */
  readonly preemptionsAllowed?: number;
  /** Exit codes that are the machine's fault, too. */
  readonly infrastructureExitCodes?: readonly number[];
  readonly now: () => Date;
  /** Of the schedulers of this platform one works; without it, this is the only one. */
  readonly standing?: Standing;
}

/**
 * Looks at the table of live runs and at the world, takes one step for each run that needs one, and appends what came of it. Killed between any two steps it
 * loses nothing: the next one looks again and finds what was done. Steps of one run never overlap; steps of different runs do.
 */
export class RunWorker {
  readonly #steps = new Map<number, Promise<void>>();
  /** How many warnings of a running attempt are recorded. */
  readonly #warned = new Map<number, number>();
  /** Running attempts that were told to have read their checkpoint. */
  readonly #seen = new Set<number>();
  readonly #attention = new Attention();
  readonly #pending = new PendingLaunches();
  readonly #standing: Standing;
  #tidying: Promise<void> | undefined;
  readonly #pause = new Pause();
  #running: Promise<void> | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly runs: Runs,
    private readonly executor: Executor,
    private readonly log: Logger,
    private readonly metrics: RunMetrics,
    private readonly options: WorkerOptions,
  ) {
    this.#standing = options.standing ?? alone;
    executor.onChange((experimentId) => this.#hear(experimentId));
  }

  start(): void {
    this.#running = this.#run();
  }

  wake(): void {
    this.#pause.wake();
  }

  #hear(experimentId?: ExperimentId): void {
    this.#attention.hear(experimentId);
    this.wake();
  }

  /** Finishes the steps under way; the runs go on without a scheduler. */
  async stop(): Promise<void> {
    this.#pause.end();
    await this.#running;
    await Promise.all([...this.#steps.values(), this.#tidying]);
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#pause.isOver; ) {
      this.#pause.begin();
      let waitMs: number;
      try {
        if (!this.#standing.isHeld) waitMs = standbyPollMs;
        else waitMs = (await this.#lookAndBreathe()) ? busyPollMs : idlePollMs;
        failures = 0;
      } catch (error) {
        failures += 1;
        waitMs = backOff(failures, Math.random, idlePollMs);
        if (!(error instanceof VersionConflict || error instanceof LeaseLost)) this.log.warn({ err: error }, 'could not look at the runs');
      }
      await this.#pause.rest(waitMs);
    }
  }

  async #lookAndBreathe(): Promise<boolean> {
    const began = this.options.now().getTime();
    const isBusy = await this.#look();
    const breathMs = Math.min(breaths * (this.options.now().getTime() - began), longestBreathMs);
    if (breathMs > 0) await new Promise((resolve) => setTimeout(resolve, breathMs));
    return isBusy;
  }

  /** True while there are processes to watch, or pauses that end. */
  async #look(): Promise<boolean> {
    let runs = await this.runs.table.listLiveRuns(this.store.pool);
    if (this.#isWorthAskingForSlots(runs)) {
      await this.#takeSlots(runs);
      runs = await this.runs.table.listLiveRuns(this.store.pool);
    }
    this.metrics.looked(runs, this.options.slots);
    const live = runs.filter(({ state }) => state !== 'waiting');
    this.#pending.keepOnly(live);
    this.#attention.keepOnly(live);
    for (const run of live) this.#step(run);
    this.#tidying ??= this.#tidy().finally(() => (this.#tidying = undefined));
    return live.length > 0 || runs.some(({ isReady, notBefore }) => isReady && notBefore !== null);
  }

  #isWorthAskingForSlots(runs: readonly LiveRun[]): boolean {
    const slots = new FreeSlots(this.options.slots, runs.filter(({ state }) => state !== 'waiting'));
    return runs.some((run) => this.#isWaitingForSlot(run) && needsAnswer(run, slots));
  }

  #isWaitingForSlot(run: LiveRun): boolean {
    return run.isReady && isDue(run, this.#at());
  }

  /** Oldest first; who gets none is told why, once. */
  async #takeSlots(runs: readonly LiveRun[]): Promise<void> {
    const record = (on: Queryable, run: LiveRun, ...commands: RunCommand[]) => onErrand(errandFor(run, run.experimentId), () => this.runs.record(on, run.experimentId, commands, run.correlationId));
    const begun: AttemptId[] = [];
    await this.store.transaction(async (on) => {
      const slots = new FreeSlots(this.options.slots, await this.runs.table.listTakenSlots(on));
      let held = 0;
      for (const run of runs.filter((run) => this.#isWaitingForSlot(run))) {
        const { experimentId } = run;
        const reason = slots.reasonToHold(run);
        if (reason === null) {
          const [attempt, at] = [run.attempt + 1, this.#at()];
          const begin: RunCommand = { type: 'BeginStart', data: { experimentId, attempt, startingAt: at } };
          const scheduled = await record(on, run, { type: 'ScheduleRun', data: { experimentId, scheduledAt: at } }, begin);
          if (scheduled.length > 0) slots.take(run);
          if (scheduled.some(({ type }) => type === 'RunStarting')) begun.push({ experimentId, attempt });
        } else if (reason !== run.heldReason && held < heldAtOnce) {
          await record(on, run, { type: 'HoldRun', data: { experimentId, reason, heldAt: this.#at() } });
          held += 1;
        }
      }
      await this.#standing.confirmIn(on);
      if (held === heldAtOnce) this.wake();
    });
    for (const id of begun) this.#pending.begin(id);
  }

  #step(run: LiveRun): void {
    const { experimentId } = run;
    const nowMs = this.options.now().getTime();
    if (this.#steps.has(experimentId) || !this.#attention.isWorth(run, nowMs)) return;
    this.#attention.look(run, nowMs);
    this.#steps.set(experimentId, onErrand(errandFor(run, experimentId), () => this.#take(run)));
  }

  /** Never rejects. */
  #take(run: LiveRun): Promise<void> {
    const { experimentId, attempt } = run;
    return (run.state === 'scheduled' ? inSpan('launch run', { attributes: { 'polyaxon.attempt': attempt } }, () => this.#launch(run)) : this.#attend(run))
      .then((hasNews) => hasNews && this.#hear(experimentId))
      .catch((error: unknown) => {
        this.#attention.hear(experimentId);
        if (error instanceof VersionConflict) this.wake();
        else if (error instanceof LeaseLost) this.log.info({ experimentId, attempt }, 'another scheduler goes on with the run');
        else this.log.warn({ experimentId, attempt, err: error }, 'a step of the run failed and is tried again');
      })
      .then(() => void this.#steps.delete(experimentId));
  }

  async #launch(run: LiveRun): Promise<boolean> {
    const { experimentId, attempt } = run;
    if (run.stopRequested && (await this.#isCancelled(run))) return true;
    const spec = this.#pending.specOf(run) ?? (await this.runs.table.findSpec(this.store.pool, run));
    if (!spec) return true;
    const begunAt = this.options.now().getTime();
    if (!this.#pending.hasBegun(run)) {
      await this.#record(run, [{ type: 'BeginStart', data: { experimentId, attempt, startingAt: this.#at() } }]);
      this.#pending.begin(run);
    }
    try {
      const start = () => this.executor.launch({ ...spec, ...traced() }, () => this.#standing.confirm());
      const launched = await inSpan('start process', {}, start);
      if (!isLaunched(launched)) {
        const { cause, reason } = this.#pending.newsOf(spec, launched, begunAt) ?? {};
        if (cause) await this.#record(run, [{ type: 'PendRun', data: { experimentId, attempt, cause, reason: reason ?? null, pendingAt: this.#at() } }]);
        return false;
      }
      const { console, isBuilding = false, warnings } = launched;
      const at = this.options.now();
      await this.#record(run, [
        ...warnings.map((message): RunCommand => ({ type: 'WarnOfRun', data: { experimentId, attempt, message, warnedAt: at.toISOString() } })),
        { type: 'RecordStart', data: { experimentId, attempt, console, isBuilding, startedAt: at.toISOString() } },
      ]);
      this.metrics.launched(at.getTime() - begunAt);
    } catch (error) {
      if (!(error instanceof LaunchFailed)) throw error;
      const { reason, message, options: { taken, console } = {} } = error;
      await this.#record(run, [{ type: 'FailLaunch', data: { experimentId, attempt, reason, ...(taken && { taken }), ...(console !== undefined && { console }), message, endedAt: this.#at(), ...this.#budget() } }]);
    }
    return true;
  }

  /** A stop before the launch keeps it from ever happening, unless an earlier scheduler had launched it already. */
  async #isCancelled(run: LiveRun): Promise<boolean> {
    const { experimentId, attempt } = run;
    this.#standing.confirm();
    await this.executor.stop(run, this.#graceOf(run));
    if ((await this.executor.observe(run)).state !== 'absent') return false;
    await this.#record(run, [{ type: 'FailLaunch', data: { experimentId, attempt, reason: 'start', message: 'stopped before its process was started', endedAt: this.#at() } }]);
    return true;
  }

  async #attend(run: LiveRun): Promise<boolean> {
    const { experimentId, attempt } = run;
    const observation = await this.executor.observe(run);
    if (observation.state === 'running') {
      this.#standing.confirm();
      if (run.stopRequested) await this.executor.stop(run, this.#graceOf(run));
      await this.#tellOfCarrying(run, observation);
      await this.#tellOfCheckpoint(run, observation);
      const isBuilt = run.isBuilding && !observation.isBuilding;
      if (isBuilt) await this.#record(run, [{ type: 'RecordBuilt', data: { experimentId, attempt, builtAt: this.#at() } }]);
      return isBuilt;
    }
    const { exitCode, message, cause, isBuilding = false, warnings = [], checkpoint } = observation.state === 'ended' ? observation : gone;
    this.metrics.carried(run, undefined);
    this.#warned.delete(experimentId);
    this.#seen.delete(experimentId);
    await this.#record(run, [
      ...warnings.map((text): RunCommand => ({ type: 'WarnOfRun', data: { experimentId, attempt, message: text, warnedAt: this.#at() } })),
      ...(checkpoint ? [{ type: 'SeeCheckpoint' as const, data: { experimentId, attempt, ...checkpoint, hasFailed: exitCode !== 0, seenAt: this.#at() } }] : []),
      ...(run.isBuilding && !isBuilding ? [{ type: 'RecordBuilt' as const, data: { experimentId, attempt, builtAt: this.#at() } }] : []),
      { type: 'EndRun', data: { experimentId, attempt, exitCode, ...(cause && { cause }), message, endedAt: this.#at(), ...this.#budget() } },
    ]);
    return true;
  }

  /** Each warning is recorded once; that is only remembered here so that the stream is not asked every time. */
  async #tellOfCarrying(run: LiveRun, { carrying, warnings = [] }: Observation & { readonly state: 'running' }): Promise<void> {
    const { experimentId, attempt } = run;
    if (carrying) this.metrics.carried(run, carrying);
    if (warnings.length <= (this.#warned.get(experimentId) ?? 0)) return;
    await this.#record(run, warnings.map((message) => ({ type: 'WarnOfRun', data: { experimentId, attempt, message, warnedAt: this.#at() } })));
    this.#warned.set(experimentId, warnings.length);
  }

  async #tellOfCheckpoint(run: LiveRun, { checkpoint }: Observation & { readonly state: 'running' }): Promise<void> {
    const { experimentId, attempt } = run;
    if (!checkpoint || this.#seen.has(experimentId)) return;
    await this.#record(run, [{ type: 'SeeCheckpoint', data: { experimentId, attempt, ...checkpoint, hasFailed: false, seenAt: this.#at() } }]);
    this.#seen.add(experimentId);
  }

  /** In one transaction: users never see the one without the other, and nobody what a scheduler says that was replaced. */
  async #record(run: LiveRun, commands: readonly RunCommand[]): Promise<void> {
    await this.store.transaction(async (on) => {
      await this.runs.record(on, run.experimentId, commands, run.correlationId);
      await this.#standing.confirmIn(on);
    });
  }

  async #tidy(): Promise<void> {
    try {
      const leftovers = await this.runs.table.listLeftovers(this.store.pool, forgottenAtOnce);
      for (const leftover of leftovers) await this.#forget(leftover);
    } catch (error) {
      this.log.warn({ err: error }, 'could not look at what ended attempts have left');
    }
  }

  async #forget(leftover: Leftover): Promise<void> {
    const { experimentId, attempt, keepConsole } = leftover;
    try {
      this.#standing.confirm();
      await this.executor.forget(leftover, { keepConsole });
      await this.runs.table.strikeOff(this.store.pool, leftover);
    } catch (error) {
      if (error instanceof LeaseLost) return;
      this.log.warn({ experimentId, attempt, err: error }, 'what the attempt has left can not be removed yet');
    }
  }

  #budget(): TakenBudget & Pick<EndRun['data'], 'restartDelaySeconds' | 'infrastructureExitCodes'> {
    const { restartDelaySeconds = 0, preemptionsAllowed = 0, infrastructureExitCodes = [] } = this.options;
    return { restartDelaySeconds, quickDelaySeconds: restartDelaySeconds, preemptionsAllowed, infrastructureExitCodes };
  }

  #graceOf(run: LiveRun): number {
    return run.graceSeconds ?? this.options.graceSeconds;
  }

  #at(): string {
    return this.options.now().toISOString();
  }
}

const gone: Observation & { readonly state: 'ended' } = { state: 'ended', exitCode: null, cause: 'infrastructure', message: 'nothing is left of it where it ran' };

function traced(): { traceparent?: string } {
  const { traceparent } = currentErrand() ?? {};
  return traceparent ? { traceparent } : {};
}

/** It may have a slot, or is to be told another reason why not. */
function needsAnswer(run: LiveRun, slots: FreeSlots): boolean {
  const reason = slots.reasonToHold(run);
  return reason === null || reason !== run.heldReason;
}
