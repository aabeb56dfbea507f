// What was an experiment given to go on from, and has its program read it?
import type { CheckpointOffer, CheckpointOfferBody, ExperimentCheckpointReported, HistoryEntry, RunCheckpointSeen } from '#contracts';

type Entry = Pick<HistoryEntry, 'type' | 'data'>;
type Verdict = { readonly read: CheckpointOfferBody['read']; readonly read_how: string | null };

/** Of its latest attempt. */
export function offerOf(history: readonly Entry[]): CheckpointOfferBody | null {
  const isOffer = ({ type, data }: Entry): boolean => (type === 'OutputsPrepared' || type === 'OutputsCopied') && 'checkpoint' in data;
  const latest = history.findLast(isOffer)?.data as { checkpoint: CheckpointOffer; attempt?: number } | undefined;
  if (!latest) return null;
  const { checkpoint: { offered, setAside }, attempt = 1 } = latest;
  return { offered, set_aside: setAside, ...(offered ? verdict(history, attempt) : { read: 'unknown', read_how: null }) };
}

/** What the program says itself counts most; then that it began to count at zero, although its files may have been read; then what was seen of these. */
function verdict(history: readonly Entry[], attempt: number): Verdict {
  const reports = history.filter(({ type }) => type === 'ExperimentCheckpointReported').map(({ data }) => data as unknown as ExperimentCheckpointReported['data']);
  const reported = (read: string) => reports.findLast((one) => one.read === read && (one.attempt === attempt || one.attempt === 0));
  const seen = history.map(({ type, data }) => (type === 'RunCheckpointSeen' ? (data as unknown as RunCheckpointSeen['data']) : undefined)).findLast((one) => one?.attempt === attempt);
  const { read, how } = reported('read') ?? reported('started-at-zero') ?? seen ?? { read: 'unknown' as const, how: null };
  return { read, read_how: how };
}
