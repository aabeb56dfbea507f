// What is the next safe-to-repeat step of each group, and who takes it?
import { Refusal } from '#decider';
import { onErrand, VersionConflict } from '#event-store';
import { backOff, Pause } from '#messaging';
import type { Hptuning } from '#polyaxonfile';
import type { Logger } from '#service-host';
import type { GroupCompiler } from '../experiment/specification.ts';
import type { GroupsView } from '../views/groups.view.ts';
import { knownGroup, type KnownGroup, type Trial as GroupTrial } from './group.ts';
import type { EarlyStops } from './early-stops.ts';
import type { Groups } from './groups.ts';
import type { Members } from './members.ts';
import { nextStep, outcomeOf, resultsOf, type Member, type Step } from './next-step.ts';
import { metricOf } from './search-metric.ts';
import type { Trial } from './search/search.ts';

/** While there are groups that are not done; what it is told of it looks at at once. */
const busyPollMs = 1000;
const idlePollMs = 5000;
/** Made or stopped in one turn, so that a large group doesn't hold up the others. */
const membersAtOnce = 20;
const actor = 'api-gateway';

export interface WorkerParts {
  readonly views: GroupsView;
  readonly groups: Groups;
  readonly members: Members;
  readonly stopping: EarlyStops;
  readonly compiler: GroupCompiler;
  readonly now: () => Date;
}

/**
 * Looks at the groups that are not done, at their history and at the experiments that there are, and takes one step for each that needs one. Killed between any two steps
 * it loses nothing and doubles nothing: numbers are written down before the members are made, and a member that is made again is the one that is there.
 */
export class GroupWorker {
  readonly #pause = new Pause();
  #log: Logger | undefined;
  #running: Promise<void> | undefined;

  constructor(private readonly parts: WorkerParts) {
    parts.groups.onChange(() => this.wake());
  }

  start(log: Logger): void {
    this.#log = log;
    this.#running ??= this.#run();
  }

  wake(): void {
    this.#pause.wake();
  }

  async stop(): Promise<void> {
    this.#pause.end();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#pause.isOver; ) {
      this.#pause.begin();
      let waitMs: number;
      try {
        waitMs = (await this.#look()) ? busyPollMs : idlePollMs;
        failures = 0;
      } catch (error) {
        failures += 1;
        waitMs = backOff(failures, Math.random, idlePollMs);
        this.#log?.warn({ err: error }, 'could not look at the groups');
      }
      await this.#pause.rest(waitMs);
    }
  }

  /** True while a group is not done. */
  async #look(): Promise<boolean> {
    const unfinished = await this.parts.views.unfinished();
    for (const { id, deleted } of unfinished) {
      if (this.#pause.isOver) break;
      try {
        if (await (deleted ? this.#remove(id) : this.#advance(id))) this.wake();
      } catch (error) {
        if (error instanceof VersionConflict) this.wake(); // somebody else was faster: look again
        else this.#log?.warn({ groupId: id, err: error }, 'a step of the group failed and is tried again');
      }
    }
    return unfinished.length > 0;
  }

  /** True when there may be more to do at once. */
  async #advance(id: number): Promise<boolean> {
    const { groups, views } = this.parts;
    const { group: found, errand = { correlationId: `group-${id}` } } = await groups.known(id);
    const group = knownGroup(found, id);
    const members = await views.members(id);
    return onErrand(errand, async () => (await this.parts.stopping.look(group, members)) || this.#take(group, members, nextStep(group, members)));
  }

  async #take(group: KnownGroup, members: readonly Member[], step: Step): Promise<boolean> {
    const { groups } = this.parts;
    const { groupId } = group.order;
    switch (step.do) {
      case 'wait':
        return false;
      case 'make':
        for (const trial of step.trials.slice(0, membersAtOnce)) await this.#make(group, trial, members);
        return true;
      case 'say-resumed':
        await groups.handle(groupId, { type: 'RecordResumed', data: { groupId, resumedAt: this.#at() } }, actor);
        return true;
      case 'stop':
        for (const experimentId of step.experimentIds) await this.parts.members.stop(experimentId, group.stop?.by ?? actor, group.stop?.reason ?? null);
        return false;
      case 'end-iteration':
        await this.#endIteration(group, members, step.iteration);
        return true;
      case 'end':
        await groups.handle(groupId, { type: 'EndGroup', data: { groupId, status: step.status, message: step.message, doneAt: this.#at() } }, actor);
        return false;
      default:
        return step satisfies never;
    }
  }

  /** What is refused is written down with its reason, and the others are made all the same. */
  async #make(group: KnownGroup, trial: GroupTrial, members: readonly Member[]): Promise<void> {
    const { groupId } = group.order;
    try {
      await this.parts.members.make(group, trial, members);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'too-many-requests') throw error;
      const data = { groupId, experimentId: trial.experimentId, reason: error.message, skippedAt: this.#at() };
      await this.parts.groups.handle(groupId, { type: 'SkipMember', data }, actor);
    }
  }

  async #endIteration(group: KnownGroup, members: readonly Member[], iteration: number): Promise<void> {
    const { groups, compiler } = this.parts;
    const { groupId } = group.order;
    const hptuning = group.order.hptuning as unknown as Hptuning;
    const results = resultsOf(group, iteration, members, metricOf(hptuning));
    const past = [...group.results, results].map((ended, index) => (group.iterations[index] ?? []).map((trial, place) => tried(trial, ended[place]?.metric ?? null)));
    const next = await groups.number(await compiler.nextIteration(hptuning, past));
    await groups.handle(groupId, { type: 'EndIteration', data: { groupId, iteration, results, next, outcome: outcomeOf(group, members), at: this.#at() } }, actor);
  }

  /** Of a deleted group; a resume goes before the original whose outputs it wrote. */
  async #remove(id: number): Promise<boolean> {
    const { views, members } = this.parts;
    for (const { experimentId, isDeleted } of (await views.members(id)).toReversed()) if (!isDeleted) await members.delete(experimentId, actor);
    return false;
  }

  #at(): string {
    return this.parts.now().toISOString();
  }
}

function tried({ params, continues }: GroupTrial, metric: number | null): Trial {
  return { params: params as Trial['params'], continues, metric };
}
