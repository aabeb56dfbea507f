// How much does a run use, and of which machine? The scheduler knows.
import type { MachineBody, RunUsageBody } from '#contracts';
import type { Peer } from '../http/peer.ts';

const slotsWithinMs = 2500;

export class UsageReader {
  constructor(private readonly scheduler: Peer) {}

  async ofRun(experimentId: number, signal?: AbortSignal): Promise<RunUsageBody | null> {
    const { usage } = await this.scheduler.json<{ usage: RunUsageBody | null }>({ path: `/internal/runs/${experimentId}/usage`, query: {}, ...(signal && { signal }) });
    return usage;
  }

  /** Whoever looks at the fleet looks again in a second: it isn't waited for longer. */
  slots(): Promise<{ taken: number; free: number }> {
    return this.scheduler.json({ path: '/internal/slots', query: {}, signal: AbortSignal.timeout(slotsWithinMs) });
  }

  machine(): Promise<MachineBody> {
    return this.scheduler.json({ path: '/internal/machine', query: {} });
  }
}
