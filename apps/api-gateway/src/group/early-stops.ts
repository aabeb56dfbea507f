// Do the metrics of a group's members say that it, or some of them, should stop now?
import type { Hptuning } from '#polyaxonfile';
import type { Metrics } from '../views/metrics.ts';
import { trialsOf, type KnownGroup } from './group.ts';
import type { Groups } from './groups.ts';
import type { Members } from './members.ts';
import { holderOf, isLive, type Member } from './next-step.ts';
import { earlyStop } from './search/early-stopping.ts';

const actor = 'api-gateway';

export class EarlyStops {
  /** What was looked at already, by group. */
  readonly #seen = new Map<number, string>();

  constructor(
    private readonly groups: Groups,
    private readonly members: Members,
    private readonly metrics: Metrics,
  ) {}

  /** True when the whole group stops. Who ran before the last resume is not asked: a group that is resumed is meant to go on. */
  async look(group: KnownGroup, members: readonly Member[]): Promise<boolean> {
    const { groupId, hptuning } = group.order;
    const policies = (hptuning as unknown as Hptuning).early_stopping ?? [];
    if (policies.length === 0 || group.state !== 'live' || group.stop !== null) return false;
    const fresh = trialsOf(group).filter(({ experimentId }) => group.fresh.includes(experimentId)).flatMap((trial) => holderOf(group, trial, members) ?? []);
    const ids = fresh.map(({ experimentId }) => experimentId);
    const latest = `${fresh.map(({ experimentId, status }) => `${experimentId} ${status}`).join()} ${await this.metrics.latest(ids)}`;
    if (latest === this.#seen.get(groupId)) return false;
    const series = await this.metrics.series(ids, [...new Set(policies.map(({ metric }) => metric))]);
    const verdict = earlyStop(policies, fresh.map((member) => ({ id: member.experimentId, isLive: isLive(member), metrics: series.get(member.experimentId) ?? {} })));
    if (verdict.group !== null) await this.groups.stop(groupId, false, actor, verdict.group);
    else for (const { id, reason } of verdict.members) await this.members.stop(id, actor, reason);
    this.#seen.set(groupId, latest);
    return verdict.group !== null;
  }
}
