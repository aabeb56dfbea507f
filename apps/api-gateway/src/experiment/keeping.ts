// How are the outputs of an experiment deleted, and how are they kept from it?
import type { ExperimentId } from '#contracts';
import { Refusal } from '#decider';
import type { EventStore, Recorded } from '#event-store';
import type { ExperimentsView } from '../views/experiments.view.ts';
import { project as projectViews } from '../views/project-events.ts';
import { experimentDecider, type ExperimentCommand } from './decider.ts';

export class Keeping {
  constructor(
    private readonly store: EventStore,
    private readonly views: ExperimentsView,
    private readonly now: () => Date,
  ) {}

  async pin(experimentId: ExperimentId, pinnedBy: string): Promise<void> {
    await this.#handle(experimentId, { type: 'PinExperiment', data: { experimentId, pinnedBy, pinnedAt: this.#at() } }, pinnedBy);
  }

  async unpin(experimentId: ExperimentId, unpinnedBy: string): Promise<void> {
    await this.#handle(experimentId, { type: 'UnpinExperiment', data: { experimentId, unpinnedBy, unpinnedAt: this.#at() } }, unpinnedBy);
  }

  /** The storage-manager hears of it, and says when they are gone. */
  async deleteOutputs(experimentId: ExperimentId, requestedBy: string, { force = false, reason }: { readonly force?: boolean; readonly reason?: string } = {}): Promise<void> {
    const view = await this.views.find(experimentId);
    const users = view ? await this.views.usersOf([view.originalId]) : [];
    const usedBy = users.filter(({ how, isLive }) => how !== 'searches' && isLive).map(({ id }) => id);
    const searchedBy = users.filter(({ how }) => how === 'searches').map(({ id }) => id);
    const data = { experimentId, usedBy, searchedBy, force, ...(reason !== undefined && { reason }), requestedBy, requestedAt: this.#at() };
    await this.#handle(experimentId, { type: 'DeleteOutputs', data }, requestedBy);
  }

  async #handle(id: ExperimentId, command: ExperimentCommand, actor: string): Promise<void> {
    const view = await this.views.find(id);
    if (!view) throw new Refusal('experiment-not-found', `experiment ${id} was not found`, 'polyaxon project experiments');
    await this.store.handle(`experiment-${view.originalId}`, experimentDecider, command, { actor }, (on, events: readonly Recorded[]) => projectViews(on, events));
  }

  #at(): string {
    return this.now().toISOString();
  }
}
