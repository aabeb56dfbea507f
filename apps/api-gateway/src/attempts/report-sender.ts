// Who is told how far an attempt elsewhere is? The scheduler, who observes it.
import type { AttemptReportBody } from '#contracts';
import type { Peer } from '../http/peer.ts';

export class ReportSender {
  constructor(private readonly scheduler: Peer) {}

  async send({ experimentId, attempt }: { readonly experimentId: number; readonly attempt: number }, report: AttemptReportBody): Promise<void> {
    const put = Buffer.from(JSON.stringify(report));
    await this.scheduler.json({ path: `/internal/runs/${experimentId}/attempts/${attempt}/report`, query: {}, headers: { 'content-type': 'application/json' }, put });
  }
}
