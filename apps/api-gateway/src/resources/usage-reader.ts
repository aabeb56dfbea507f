// How much does a run use, and of which machine? The scheduler knows.
import type { MachineBody, RunUsageBody } from '#contracts';
import type { Peer } from '../http/peer.ts';

export class UsageReader {
  constructor(private readonly scheduler: Peer) {}

  async ofRun(experimentId: number, signal?: AbortSignal): Promise<RunUsageBody | null> {
    const { usage } = await this.scheduler.json<{ usage: RunUsageBody | null }>({ path: `/internal/runs/${experimentId}/usage`, query: {}, ...(signal && { signal }) });
    return usage;
  }

  machine(): Promise<MachineBody> {
    return this.scheduler.json({ path: '/internal/machine', query: {} });
  }
}
